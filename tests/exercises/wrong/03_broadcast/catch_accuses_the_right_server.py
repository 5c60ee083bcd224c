# told: Not right yet: no check may accuse the right server; but yours does: alice: 'h' where the protocol has 'o': expected [127.0.0.1:alice]127.0.0.1:alice:one, got [127.0.0.1:alice]127.0.0.1:alice:hello
# breaks: right-one
def my_check(room):
    alice, bob = room.join("alice", "bob")
    alice.send_pieces(b"hel", b"lo\n")
    alice.send_bytes(b"one\ntwo\r\n\n")
    alice.send_pieces(b"\xe4\xbd", b"\xa0\n")
    expected = [alice.says(text) for text in ("hello", "one", "two", "你")]
    bob.reads(*expected)
    alice.reads(*expected[1:])
    bob.leave()
    alice.reads(bob.says(phrases.OFFLINE))
