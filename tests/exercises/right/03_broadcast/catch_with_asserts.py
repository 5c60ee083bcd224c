def my_check(room):
    alice, bob = room.join("alice", "bob")

    def everyone_reads(*lines):
        for person in (alice, bob):
            got = person.read(len(lines))
            assert got == [room.journal.show(line) for line in lines], got

    alice.send_bytes("a\nb\r\n".encode())
    everyone_reads(alice.says("a"), alice.says("b"))
    first, second = "é".encode()
    bob.send_pieces(bytes([first]), bytes([second]) + b"\n")
    everyone_reads(bob.says("é"))
    bob.send_pieces(b"ha", b"lf")
    bob.send("")
    everyone_reads(bob.says("half"))
    bob.send("", "after nothing")
    everyone_reads(bob.says("after nothing"))
    bob.leave()
    assert alice.read().endswith(phrases.OFFLINE)
