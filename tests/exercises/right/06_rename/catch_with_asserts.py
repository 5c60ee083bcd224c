def my_check(room):
    ann, ben, cat = room.join("ann", "ben", "cat")
    ben.take_name("ben")
    ann.send("rename|ben")
    assert ann.next_line() == phrases.NAME_TAKEN
    for name in ["x y", "x|y", "[x]", "y" * 33, "127.0.0.1:1"]:
        cat.send("rename|" + name)
        assert cat.next_line() == phrases.NAME_INVALID, name
    ben.take_name("b")
    ann.take_name("ben")
    cat.send("who")
    answer = [cat.next_line() for _ in range(3)]
    assert answer == ["[ben] is online", "[b] is online", f"[{cat.addr}] is online"], answer
