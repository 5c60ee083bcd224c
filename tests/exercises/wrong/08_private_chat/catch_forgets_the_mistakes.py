# told: Not right yet: 4 of 6 suspects are caught; but not suspect 1: it does not miss the second bar
# breaks: finds-all
def my_check(room):
    alice, bob, carol = room.join("alice", "bob", "carol")
    alice.take_name("alice")
    bob.take_name("bob")
    alice.send("to|bob|one|two")
    bob.reads(phrases.PRIVATE.format(sender="alice", text="one|two"))
    alice.send("To|bob|hi")
    for person in (alice, bob, carol):
        person.reads(alice.says("To|bob|hi"))
