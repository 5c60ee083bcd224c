# told: Not right yet: 5 of 6 suspects are caught; but not suspect 3: it moves whoever is renamed to the end of the list
# breaks: finds-all
def my_check(room):
    alice, bob = room.join("alice", "bob")
    alice.take_name("alice")
    bob.send("rename|alice")
    bob.reads(phrases.NAME_TAKEN)
    for name in ("a b", "a|b", "x" * 33, "1.2.3.4:5"):
        bob.send(f"rename|{name}")
        bob.reads(phrases.NAME_INVALID)
    alice.take_name("ann")
    bob.take_name("alice")
