# told: Not right yet: no check may accuse the right server; but yours does: alice: nothing came in 2 s
# breaks: right-one
def my_check(room):
    alice, bob, carol = room.join("alice", "bob", "carol")
    alice.take_name("alice")
    bob.take_name("bob")
    alice.send("to|bob|one|two")
    bob.reads(phrases.PRIVATE.format(sender="alice", text="one|two"))
    alice.reads(phrases.PRIVATE.format(sender="alice", text="one|two"))
    alice.send("to|bob", "to|nobody|hi", "to|bob|", "To|bob|hi")
    alice.reads(phrases.PRIVATE_FORMAT, phrases.PRIVATE_NO_TARGET, phrases.PRIVATE_EMPTY)
    for person in (alice, bob, carol):
        person.reads(alice.says("To|bob|hi"))
