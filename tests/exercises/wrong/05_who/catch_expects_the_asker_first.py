# told: Not what is expected: The right server is accused: no check may do that.
def my_check(room):
    alice, bob = room.join("alice", "bob")
    bob.send("who")
    bob.reads(f"[{bob.addr}] is online", f"[{alice.addr}] is online")
    for chat in (" who", "who ", "WHO", "who is it"):
        bob.send(chat)
        bob.reads(bob.says(chat))
        alice.reads(bob.says(chat))
