# told: Not right yet: no check may accuse the right server; but yours does: AssertionError: this is not the first (when it is tried again)
# breaks: remembers
seen = []


def my_check(room):
    if seen:
        raise AssertionError("this is not the first")
    seen.append(room)
    alice, bob = room.join("alice", "bob")
    alice.take_name("alice")
    bob.send("rename|alice")
    bob.reads(phrases.NAME_TAKEN)
    for name in ("a b", "a|b", "x" * 33, "1.2.3.4:5"):
        bob.send(f"rename|{name}")
        bob.reads(phrases.NAME_INVALID)
    alice.take_name("ann")
    bob.send("who")
    bob.reads("[ann] is online", f"[{bob.addr}] is online")
    bob.take_name("alice")
