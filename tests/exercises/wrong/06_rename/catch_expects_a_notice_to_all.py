# told: Not right yet: no check may accuse the right server; but yours does: bob: nothing came in 2 s
# breaks: right-one
def my_check(room):
    alice, bob = room.join("alice", "bob")
    alice.take_name("alice")
    bob.send("rename|alice")
    bob.reads(phrases.NAME_TAKEN)
    for name in ("a b", "a|b", "x" * 33, "1.2.3.4:5"):
        bob.send(f"rename|{name}")
        bob.reads(phrases.NAME_INVALID)
    alice.take_name("ann")
    bob.read()
    bob.send("who")
    bob.reads("[ann] is online", f"[{bob.addr}] is online")
    bob.take_name("alice")
