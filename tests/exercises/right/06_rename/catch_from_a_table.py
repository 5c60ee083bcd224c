def my_check(room):
    alice, bob, carol = room.join("alice", "bob", "carol")
    alice.take_name("a")
    table = {
        "a": phrases.NAME_TAKEN,
        "b c": phrases.NAME_INVALID,
        "b|c": phrases.NAME_INVALID,
        "b" * 100: phrases.NAME_INVALID,
        "8.8.8.8:53": phrases.NAME_INVALID,
    }
    for name, line in table.items():
        carol.send(f"rename|{name}")
        carol.reads(line)
    alice.take_name("z")
    for person in (alice, bob, carol):
        person.send("who")
        person.reads("[z] is online", *[f"[{one.addr}] is online" for one in (bob, carol)])
    carol.take_name("a")
