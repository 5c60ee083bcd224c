# told: Not what is expected: 5 of 6 suspects caught, and the right server passes.
def my_check(room):
    alice, bob = room.join("alice", "bob")
    bob.send("who")
    bob.reads(f"[{alice.addr}] is online", f"[{bob.addr}] is online")
    for chat in (" who", "who ", "WHO", "who is it"):
        bob.send(chat)
        bob.reads(bob.says(chat))
