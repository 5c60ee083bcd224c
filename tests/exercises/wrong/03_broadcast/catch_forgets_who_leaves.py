# told: Not right yet: 5 of 6 suspects are caught; but not suspect 6: it tells nobody that somebody has left
# breaks: finds-all
def my_check(room):
    alice, bob = room.join("alice", "bob")
    alice.send_pieces(b"hel", b"lo\n")
    alice.send_bytes(b"one\ntwo\r\n\n")
    alice.send_pieces(b"\xe4\xbd", b"\xa0\n")
    expected = [alice.says(text) for text in ("hello", "one", "two", "你")]
    alice.reads(*expected)
    bob.reads(*expected)
