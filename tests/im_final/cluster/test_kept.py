"""What stays in Redis after nodes have ended, or were killed: nothing of what was said."""

import pytest

from im_final import phrases
from tests.im_final.cluster.desks import KEEP, LEASE, RUN, Desk, Person
from tests.im_final.cluster.nodes import comes, nodes
from tests.im_final.conftest import Run
from tests.stages.turns import until
from tools.soak.house import Store

HEAD = b"im:{test}:head"
MINUTES, DAY = 600, 86_400


def talk(store: Store, count: int = 2) -> list[Desk]:
    """Nodes at which somebody has said something, to all and to each other."""
    desks = [Desk(store.client) for _ in range(count)]
    people = []
    for number, desk in enumerate(desks):
        desk.enter()
        people.append(Person(desk.room, f"192.0.2.{number}:50001"))
    for desk, person in zip(desks, people, strict=True):
        person.online()
        desk.send()
    for desk, person in zip(desks, people, strict=True):
        person.do_message("a secret")
        for other in people:
            person.do_message(f"to|{other.addr}|a secret")
        desk.send()
        desk.read()
        desk.call("beat", desk.node, LEASE, KEEP)
    return desks


def ends(desk: Desk) -> None:
    """A node ends as it should."""
    assert desk.call("retire", desk.node, LEASE, KEEP, RUN, 0) == [b"ok"]


def secrets(store: Store) -> int:
    """How many keys have something that was said."""
    return sum(b"secret" in store.client.dump(key) for key in store.client.scan_iter())


def lives(store: Store) -> set[int]:
    """For how many seconds the keys will be there."""
    return {store.client.ttl(key) for key in store.client.scan_iter()}


def test_nothing_that_was_said_outlives_the_last_node(store: Store) -> None:
    desks = talk(store, 3)
    assert secrets(store) == 4
    for desk in desks:
        ends(desk)
    assert store.client.keys() == [HEAD]
    assert lives(store) <= {DAY, DAY - 1}
    talk(store)
    assert secrets(store) == 3


def test_what_was_said_goes_in_minutes_when_the_others_were_killed(store: Store) -> None:
    here, _ = talk(store)
    ends(here)
    assert secrets(store) > 0
    assert max(lives(store)) <= MINUTES
    assert min(lives(store)) > 0


def test_what_was_said_waits_for_a_node_that_was_taken_for_dead(store: Store) -> None:
    here, there = talk(store)
    store.client.zadd("im:{test}:leases", {there.node: 1})
    here.call("beat", here.node, LEASE, KEEP)
    ends(here)
    assert max(store.client.ttl(key) for key in (HEAD, b"im:{test}:log")) <= MINUTES
    there.read()
    assert there.replica.is_gone
    assert len(there.room.roster) == 0


def test_a_burial_long_ago_keeps_nothing(store: Store) -> None:
    here, there = talk(store)
    store.client.zadd("im:{test}:leases", {there.node: 1})
    here.call("beat", here.node, LEASE, KEEP)
    buried = int(store.client.hget(HEAD, "buried"))
    store.client.hset(HEAD, "buried", buried - 1000 * MINUTES - 1)
    ends(here)
    assert store.client.keys() == [HEAD]


def test_while_another_node_lives_all_stays(store: Store) -> None:
    here, there = talk(store)
    ends(here)
    there.call("beat", there.node, LEASE, KEEP)
    gone = f"im:{{test}}:private:{here.node.decode()}".encode()
    for key in store.client.scan_iter():
        assert (store.client.ttl(key) > DAY - 10) is (key != gone)


def test_when_all_are_killed_all_goes_in_a_day(store: Store) -> None:
    talk(store)
    assert lives(store) <= {DAY, DAY - 1}
    assert secrets(store) > 0


def test_to_live_on_is_not_written_with_each_heartbeat(store: Store) -> None:
    [desk] = talk(store, 1)
    before = store.client.info("commandstats")["cmdstat_expire"]["calls"]
    for _ in range(10):
        desk.call("beat", desk.node, LEASE, KEEP)
    assert store.client.info("commandstats")["cmdstat_expire"]["calls"] == before
    store.client.expire(HEAD, DAY - 2 * 3600)
    desk.call("beat", desk.node, LEASE, KEEP)
    assert store.client.ttl(HEAD) > DAY - 10


@pytest.mark.parametrize("stops", [1, 2])
def test_a_room_whose_nodes_have_ended_can_be_entered_at_once(
    run: Run, store: Store, stops: int
) -> None:
    async def story() -> None:
        for _ in range(2):
            async with nodes(store, stops) as rooms:
                alice = await comes(rooms[0], name="alice")
                alice.says("to|alice|hello")
                await alice.reads(phrases.PRIVATE.format(sender="alice", text="hello"))
            await until(lambda: store.client.keys() == [b"im:{lobby}:head"])

    run(story())
