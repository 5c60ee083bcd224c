# told: Not right yet: no check may accuse the right server; but yours does: AssertionError: this is not the first (when it is tried again)
# breaks: remembers
seen = []


def my_check(room):
    if seen:
        raise AssertionError("this is not the first")
    seen.append(room)
    alice, bob = room.join("alice", "bob")
    bob.send("who")
    bob.reads(f"[{alice.addr}] is online", f"[{bob.addr}] is online")
    for chat in (" who", "who ", "WHO", "who is it"):
        bob.send(chat)
        bob.reads(bob.says(chat))
        alice.reads(bob.says(chat))
