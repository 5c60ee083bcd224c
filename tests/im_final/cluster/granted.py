"""A node without Redis: the test says when a batch arrives, and every wish is granted."""

from im_final.cluster.entries import Entry, chain_after
from im_final.cluster.member import SharedRoom
from im_final.cluster.replica import Replica
from im_final.log import Log
from tests.im_final.cluster.desks import Person

NODE = b"n1"


def room() -> SharedRoom:
    return SharedRoom(Log(), lambda: None, lambda: None)


def people(count: int) -> tuple[SharedRoom, Replica, list[Person]]:
    """A room with so many of this node in it."""
    made = room()
    replica = Replica(made)
    replica.node = NODE
    guests = [Person(made, f"192.0.2.1:{50001 + number}") for number in range(count)]
    for guest in guests:
        guest.online()
    happens(made, replica)
    return made, replica, guests


def happens(made: SharedRoom, replica: Replica) -> None:
    """The next batch arrives, and comes back as an entry: every wish is granted."""
    batch = made.outgoing.next(NODE)
    assert batch is not None
    made.outgoing.acknowledged()
    words, events = iter(batch.words), []
    for part in batch.parts:
        kind = next(words)
        taken = [next(words) for _ in range({b"say": 1, b"join": 5, b"leave": 1, b"who": 0}[kind])]
        value = b"\n".join([*taken[:2], *taken[3:]]) if kind == b"join" else b"".join(taken)
        events += [kind, value]
        assert part
    tag = b"%s.%d" % (NODE, batch.sequence)
    by = tag + b" " + chain_after(replica.chain, tag)
    replica.apply(Entry.read(b"%d-0" % (replica.number + 1), [b"by", by, *events]))
