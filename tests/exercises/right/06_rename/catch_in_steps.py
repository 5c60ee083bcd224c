def taken(alice, bob):
    alice.take_name("x")
    for person in (alice, bob):
        person.send("rename|x")
        person.reads(phrases.NAME_TAKEN)


def refused(alice, bob):
    names = (" a", "a\t", "|", "a|", "n" * 40, "::1:1", "10.0.0.1:9999")
    bob.send(*[f"rename|{name}" for name in names])
    bob.reads(*[phrases.NAME_INVALID] * len(names))


def order_and_freedom(alice, bob):
    alice.take_name("y")
    bob.send("who")
    bob.reads("[y] is online", f"[{bob.addr}] is online")
    bob.take_name("x")


def my_check(room):
    alice, bob = room.join("alice", "bob")
    taken(alice, bob)
    refused(alice, bob)
    order_and_freedom(alice, bob)
