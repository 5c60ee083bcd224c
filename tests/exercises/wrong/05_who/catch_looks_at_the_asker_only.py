# told: Not right yet: 5 of 6 suspects are caught; but not suspect 1: it answers everyone, not only the one who asked
# breaks: finds-all
def my_check(room):
    alice, bob = room.join("alice", "bob")
    bob.send("who")
    bob.reads(f"[{alice.addr}] is online", f"[{bob.addr}] is online")
    for chat in (" who", "who ", "WHO", "who is it"):
        bob.send(chat)
        bob.reads(bob.says(chat))
