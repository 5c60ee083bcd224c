def my_check(room):
    ann, ben, cat = room.join("ann", "ben", "cat")
    sent = b"one\ntwo\n\nthree\r\n" + "äöü 你好\n".encode() + b"four\n"
    ann.send_pieces(*[sent[at : at + 1] for at in range(len(sent))])
    ann.send_bytes(sent)
    due = [ann.says(text) for text in ("one", "two", "three", "äöü 你好", "four")] * 2
    for reader in (cat, ben, ann):
        for line in due:
            if reader.next_line() != line:
                raise AssertionError(f"{reader} does not read {line}")
    cat.half_close()
    for reader in (ann, ben):
        reader.reads(cat.says(phrases.OFFLINE))
