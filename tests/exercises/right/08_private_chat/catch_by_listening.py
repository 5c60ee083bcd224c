def my_check(room):
    alice, bob, carol = room.join("alice", "bob", "carol")
    carol.take_name("c")
    carol.send(f"to|{bob.addr}|x|y")
    bob.reads(phrases.PRIVATE.format(sender="c", text="x|y"))
    if alice.listen(0.2) or carol.listen(0.2):
        raise ValueError("somebody else has read it")
    carol.send(f"to|{bob.addr}", f"to|{bob.addr}|", "to|d|e")
    assert carol.read(3) == [
        phrases.PRIVATE_FORMAT,
        phrases.PRIVATE_EMPTY,
        phrases.PRIVATE_NO_TARGET,
    ]
    carol.send("tO|x|y")
    bob.reads(carol.says("tO|x|y"))
