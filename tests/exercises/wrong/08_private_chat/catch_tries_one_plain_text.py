# told: Not right yet: 5 of 6 suspects are caught; but not suspect 2: it loses what stands after a bar in the text
# breaks: finds-all
def my_check(room):
    alice, bob, carol = room.join("alice", "bob", "carol")
    alice.take_name("alice")
    bob.take_name("bob")
    alice.send("to|bob|one")
    bob.reads(phrases.PRIVATE.format(sender="alice", text="one"))
    alice.send("to|bob", "to|nobody|hi", "to|bob|", "To|bob|hi")
    alice.reads(phrases.PRIVATE_FORMAT, phrases.PRIVATE_NO_TARGET, phrases.PRIVATE_EMPTY)
    for person in (alice, bob, carol):
        person.reads(alice.says("To|bob|hi"))
