def private(sender, text):
    return phrases.PRIVATE.format(sender=sender.name, text=text)


def letters(alice, bob, carol):
    alice.send(f"to|{bob.name}|one|two|three", f"to|{carol.name}|four")
    bob.reads(private(alice, "one|two|three"))
    carol.reads(private(alice, "four"))


def mistakes(alice, bob, carol):
    carol.send(f"to|{alice.name}", f"to|{alice.name}|", "to|nobody here|x")
    carol.reads(phrases.PRIVATE_FORMAT, phrases.PRIVATE_EMPTY, phrases.PRIVATE_NO_TARGET)


def chat(alice, bob, carol):
    bob.send("To|x|y", "to", "that is all")
    for person in (alice, bob, carol):
        person.reads(*(bob.says(text) for text in ("To|x|y", "to", "that is all")))


def my_check(room):
    people = room.join("alice", "bob", "carol")
    people[0].take_name("al")
    for step in (letters, mistakes, chat):
        step(*people)
