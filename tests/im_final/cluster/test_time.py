"""Who is taken for dead, by a clock that the test sets: it stands, jumps, and goes back."""

import pytest

from im_final.cluster.redis import SCRIPT
from tests.im_final.cluster.desks import KEEP, RUN, Desk
from tools.soak.house import Store

BEAT, LEASE = 2_000, 8_000  # Milliseconds: what a node does if it is told nothing else.
SECOND, HOUR = 1_000, 3_600_000
START = 1_750_000_000_000
CLOCK = "clock"  # A key with the time.


class Nodes:
    """Desks of one room that have no time but what the test says."""

    def __init__(self, store: Store, leases: list[int], beat: int = BEAT) -> None:
        self.store = store
        asked = SCRIPT.decode()
        script = asked.replace("call('TIME')", f"{{call('GET', '{CLOCK}') / 1000, 0}}")
        assert script != asked
        self.time = START
        self.set_clock(START)
        self.leases, self.every = leases, beat
        self.desks = [Desk(store.client, script=script) for _ in leases]
        for desk, lease in zip(self.desks, leases, strict=True):
            words = ("enter", desk.node, lease, KEEP, RUN, 0, "founded", "", "")
            assert desk.call(*words) == [b"ok"]

    def set_clock(self, time: int) -> None:
        """Set Redis's clock."""
        self.time = time
        self.store.client.set(CLOCK, time)

    def beat(self, *which: int) -> list[bytes]:
        """The heartbeats of these; returns what each is told."""
        return [
            self.desks[at].call("beat", self.desks[at].node, self.leases[at], KEEP)[0]
            for at in which
        ]

    def passes(self, milliseconds: int, *alive: int) -> None:
        """Time passes, in which these live: each has its heartbeats, at moments of its own."""
        end = self.time + milliseconds
        due = {at: self.time + self.every * (at + 1) // (len(self.desks) + 1) for at in alive}
        while due and (at := min(due, key=lambda one: due[one])) is not None and due[at] <= end:
            self.set_clock(due[at])
            assert self.beat(at) == [b"ok"], f"node {at} is not known"
            due[at] += self.every
        self.set_clock(end)

    def here(self) -> set[int]:
        """Who has not been buried."""
        left = self.store.client.hkeys("im:{test}:nodes")
        return {at for at, desk in enumerate(self.desks) if desk.node in left}


@pytest.mark.parametrize("at", range(0, BEAT, 125))
@pytest.mark.parametrize("stall", [5.0, 6.5, 6.8, 7.0, 7.2, 7.9, 8.1, 9.9, 60.0])
def test_nobody_is_buried_when_nobody_was_heard(store: Store, stall: float, at: int) -> None:
    nodes = Nodes(store, [LEASE] * 3)
    nodes.passes(2 * LEASE + at, 0, 1, 2)
    nodes.set_clock(nodes.time + int(stall * SECOND))
    for first in (0, 1, 2):  # Whoever is heard first buries nobody.
        assert nodes.beat(first) == [b"ok"]
        assert nodes.here() == {0, 1, 2}


@pytest.mark.parametrize("lease", [2 * BEAT, 3 * BEAT, LEASE, 10 * BEAT])
def test_after_a_stall_there_is_time_to_come_back(store: Store, lease: int) -> None:
    nodes = Nodes(store, [lease] * 3)
    nodes.passes(2 * lease, 0, 1, 2)
    nodes.set_clock(nodes.time + HOUR)
    for _ in range(lease // 4 // 100):
        assert nodes.beat(0) == [b"ok"]
        nodes.set_clock(nodes.time + 90)
    assert nodes.here() == {0, 1, 2}


@pytest.mark.parametrize(
    "step", [-20 * SECOND, -8 * HOUR, 7 * SECOND, 9 * SECOND, 8 * HOUR, -SECOND]
)
def test_a_clock_that_is_set_buries_nobody_and_keeps_nobody(store: Store, step: int) -> None:
    nodes = Nodes(store, [LEASE] * 3)
    nodes.passes(10 * SECOND, 0, 1, 2)
    nodes.set_clock(nodes.time + step)
    nodes.passes(LEASE, 0, 1, 2)
    assert nodes.here() == {0, 1, 2}
    nodes.passes(LEASE + BEAT, 0, 1)  # Node 2 is dead.
    assert nodes.here() == {0, 1}
    nodes.passes(BEAT, 0, 1)
    nodes.set_clock(nodes.time + step)
    nodes.passes(LEASE + 2 * BEAT, 0)  # Node 1 dies as the clock is set, which takes up a beat.
    assert nodes.here() == {0}


@pytest.mark.parametrize("step", [-20 * SECOND, -8 * HOUR, 7 * SECOND, 8 * HOUR])
def test_a_clock_that_is_set_does_not_stop_the_room(store: Store, step: int) -> None:
    nodes = Nodes(store, [LEASE] * 2)
    nodes.passes(BEAT, 0, 1)
    desk, window = nodes.desks[0], 2 * BEAT
    words = ("resume", desk.node, LEASE, "another run", window, desk.replica.number, "")
    assert desk.call(*words) == [b"lost"]
    assert desk.call("turn", desk.node, LEASE, KEEP, 1, "who") == [b"settling", window]
    nodes.set_clock(nodes.time + step)
    for _ in range(1 + window // 100):  # The time of the step is not known.
        nodes.set_clock(nodes.time + 101)
        desk.call("beat", desk.node, LEASE, KEEP)
    assert desk.call("turn", desk.node, LEASE, KEEP, 1, "who")[0] == b"ok"


@pytest.mark.parametrize("window", range(666, 670))
def test_a_clock_that_is_set_back_while_a_new_room_waits_is_no_error(
    store: Store, window: int
) -> None:
    nodes = Nodes(store, [LEASE])
    store.client.flushdb()
    nodes.set_clock(START)
    desk = nodes.desks[0]
    words = ("enter", desk.node, LEASE, KEEP, RUN, window, "founded", "", "")
    assert desk.call(*words) == [b"settling", window // 4]
    for step in (-HOUR, -SECOND):
        nodes.set_clock(nodes.time + step)
        assert desk.call(*words)[0] == b"settling"
    nodes.set_clock(nodes.time + window)
    assert desk.call(*words) == [b"ok"]


@pytest.mark.parametrize("lease", [2 * BEAT, LEASE])
def test_who_is_dead_is_buried_in_time(store: Store, lease: int) -> None:
    nodes = Nodes(store, [lease] * 3)
    nodes.passes(2 * lease, 0, 1, 2)
    nodes.passes(max(lease, 4 * BEAT) + BEAT, 0)
    assert nodes.here() == {0}


def test_nodes_with_other_leases_do_not_bury_each_other(store: Store) -> None:
    short, long = LEASE, 15 * LEASE
    nodes = Nodes(store, [short, long])
    nodes.passes(long - BEAT, 0)
    assert nodes.here() == {0, 1}
    nodes.set_clock(nodes.time + HOUR)  # Redis stands still.
    for first in (1, 0):
        assert nodes.beat(first) == [b"ok"]
        assert nodes.here() == {0, 1}
    store.client.delete("im:{test}:leases")
    desk = nodes.desks[0]
    desk.call("resume", desk.node, short, RUN, 0, desk.replica.number, "")
    nodes.passes(long - BEAT, 0)
    assert nodes.here() == {0, 1}
    nodes.passes(2 * BEAT, 0)
    assert nodes.here() == {0}


def test_when_the_shortest_lease_is_gone_time_is_counted_by_the_others(store: Store) -> None:
    beat, long = 10 * BEAT, 10 * LEASE
    nodes = Nodes(store, [LEASE, long, long], beat)
    nodes.passes(2 * long, 1, 2)
    assert nodes.here() == {1, 2}
    nodes.passes(beat, 1, 2)
    nodes.passes(long + beat, 1)
    assert nodes.here() == {1}
    nodes.passes(beat, 1)
    assert store.client.hkeys("im:{test}:terms") == [nodes.desks[1].node]
