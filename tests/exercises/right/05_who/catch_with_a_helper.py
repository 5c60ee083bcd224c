def asks(asker, people):
    asker.send("who")
    asker.reads(*(phrases.IS_ONLINE.format(name=one.name) for one in people))


def says(speaker, text, people):
    speaker.send(text)
    for one in people:
        one.reads(speaker.says(text))


def my_check(room):
    people = room.join("alice", "bob", "carol")
    asks(people[1], people)
    says(people[1], "that was for me alone", people)
    for text in (" who ", "\twho", "wHo", "who is who", "who who"):
        says(people[2], text, people)
