def my_check(room):
    ann, ben, cat = room.join("ann", "ben", "cat")
    for asker in (ben, cat):
        asker.send("who")
        answer = [asker.next_line() for _ in range(3)]
        assert answer == [f"[{one.addr}] is online" for one in (ann, ben, cat)], answer
    for text in ("who?", " who", "who ", "Who", "WHO", "whoever"):
        ben.send(text)
        for one in (ann, ben, cat):
            assert one.next_line() == ben.says(text)
