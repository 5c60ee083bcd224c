def pieces(alice, bob):
    bob.send_pieces(b"o", b"n", b"e", b"\n", b"t", b"wo\nthree\n")
    for text in ("one", "two", "three"):
        alice.reads(bob.says(text))
        bob.reads(bob.says(text))


def bytes_and_ends(alice, bob):
    alice.send_pieces(b"\xf0\x9f", b"\x99\x82\r\n")
    for person in (bob, alice):
        person.reads(alice.says("🙂"))


def nothing_at_all(alice, bob):
    alice.send("", "", "x")
    alice.reads(alice.says("x"))
    bob.reads(alice.says("x"))


def leaving(alice, bob):
    alice.leave()
    bob.reads(alice.says(phrases.OFFLINE))


def my_check(room):
    people = room.join("alice", "bob")
    for step in (pieces, bytes_and_ends, nothing_at_all, leaving):
        step(*people)
