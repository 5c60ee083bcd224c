# told: Not right yet: 4 of 6 suspects are caught; but not suspect 1: it takes what one read brings for a line, finished or not
# breaks: finds-all
def my_check(room):
    alice, bob = room.join("alice", "bob")
    alice.send("hello")
    alice.send_bytes(b"one\ntwo\r\n\n")
    alice.send("你")
    expected = [alice.says(text) for text in ("hello", "one", "two", "你")]
    alice.reads(*expected)
    bob.reads(*expected)
    bob.leave()
    alice.reads(bob.says(phrases.OFFLINE))
