def my_check(room):
    ann, ben, cat = people = room.join("ann", "ben", "cat")
    for one in people:
        one.take_name(one.label)
    for text in ("hi", "a|b|c", "|"):
        ann.send("to|ben|" + text)
        line = ben.next_line()
        assert line == "来自:[ann]的消息，内容是:" + text, line
    for wrong, line in (
        ("to|ben", phrases.PRIVATE_FORMAT),
        ("to||hi", phrases.PRIVATE_FORMAT),
        ("to|ben|", phrases.PRIVATE_EMPTY),
        ("to|bob|hi", phrases.PRIVATE_NO_TARGET),
    ):
        ann.send(wrong)
        assert ann.next_line() == line, wrong
    ann.send("TO|ben|hi")
    for one in people:
        assert one.next_line() == ann.says("TO|ben|hi")
