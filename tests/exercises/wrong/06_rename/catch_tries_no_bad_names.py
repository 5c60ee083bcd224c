# told: Not right yet: 3 of 6 suspects are caught; but not suspect 4: it lets bars and spaces into a name
# breaks: finds-all
def my_check(room):
    alice, bob = room.join("alice", "bob")
    alice.take_name("alice")
    bob.send("rename|alice")
    bob.reads(phrases.NAME_TAKEN)
    alice.take_name("ann")
    bob.send("who")
    bob.reads("[ann] is online", f"[{bob.addr}] is online")
    bob.take_name("alice")
