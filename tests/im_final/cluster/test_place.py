"""Who comes in again when a node has to begin anew."""

from im_final import phrases
from im_final.cluster.place import Place, Terms
from im_final.cluster.reading import Reading
from tests.im_final.cluster.granted import NODE, happens, people


def test_who_was_leaving_when_the_node_was_taken_for_dead_does_not_come_again() -> None:
    made, replica, (alice, bob) = people(2)
    place = Place(Terms(1.0, 4.0, 2**28), replica, Reading(replica))
    gone: list[object] = []
    alice.do_message("held back")
    bob.do_message("bye")
    bob.offline("farewell", lambda: gone.append(bob))
    replica._leave(b" ".join((alice.uid, bob.uid)), ())
    place.bring_in()
    assert gone == [bob]
    assert bob.hears()[-2:] == [phrases.NOT_SENT, "farewell"]
    assert list(made.people) == [alice]
    happens(made, replica)
    assert made.outgoing.is_empty
    assert made.outgoing.held == 0
    told = [line.removeprefix(f"[{alice.addr}]{alice.addr}:") for line in alice.hears()]
    assert told[-2:] == [phrases.ONLINE, "held back"]
    assert [one.addr for one in replica.state().users] == [alice.addr]
    assert replica.node == NODE
