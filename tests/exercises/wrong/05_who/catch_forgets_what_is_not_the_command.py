# told: Not right yet: 3 of 6 suspects are caught; but not suspect 4: it does not care about spaces around the command
# breaks: finds-all
def my_check(room):
    alice, bob = room.join("alice", "bob")
    bob.send("who")
    bob.reads(f"[{alice.addr}] is online", f"[{bob.addr}] is online")
    bob.send("hello")
    alice.reads(bob.says("hello"))
