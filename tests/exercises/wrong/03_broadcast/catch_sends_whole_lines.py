# told: Not what is expected: 4 of 6 suspects caught, and the right server passes.
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
