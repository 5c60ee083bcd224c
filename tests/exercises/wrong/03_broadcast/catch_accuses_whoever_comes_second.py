# told: Not right yet: no check may accuse the right server; but yours does: AssertionError: this is not the first (when it is tried again)
# breaks: remembers
seen = []


def my_check(room):
    if seen:
        raise AssertionError("this is not the first")
    seen.append(room)
    alice, bob = room.join("alice", "bob")
    alice.send_pieces(b"hel", b"lo\n")
    alice.send_bytes(b"one\ntwo\r\n\n")
    alice.send_pieces(b"\xe4\xbd", b"\xa0\n")
    expected = [alice.says(text) for text in ("hello", "one", "two", "你")]
    alice.reads(*expected)
    bob.reads(*expected)
    bob.leave()
    alice.reads(bob.says(phrases.OFFLINE))
