# told: Not right yet: 4 of 6 suspects are caught; but not suspect 3: it decodes each read by itself, though it may end within a character
# breaks: finds-all
def my_check(room):
    alice, bob = room.join("alice", "bob")
    alice.send_pieces(b"hel", b"lo\n")
    alice.send_bytes(b"one\ntwo\r\n\n")
    alice.send_pieces(b"\xe4\xbd", b"\xa0\n")
    alice.read(4)
    bob.read(4)
    bob.leave()
    alice.reads(bob.says(phrases.OFFLINE))
