# told: Not right yet: no check may accuse the right server; but yours does: bob: one or more lines before this one are missing: expected [127.0.0.1:bob] is online, got [127.0.0.1:alice] is online
# breaks: right-one
def my_check(room):
    alice, bob = room.join("alice", "bob")
    bob.send("who")
    bob.reads(f"[{bob.addr}] is online", f"[{alice.addr}] is online")
    for chat in (" who", "who ", "WHO", "who is it"):
        bob.send(chat)
        bob.reads(bob.says(chat))
        alice.reads(bob.says(chat))
