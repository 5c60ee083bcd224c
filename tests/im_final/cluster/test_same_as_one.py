"""Whatever people do at several nodes, they read what they would have read at a single one.

The nodes send their batches in any order, some more than once, and read the log in any portions.
The single one is a plain `Room`, in which everything is done at the moment at which a node's batch
reaches Redis.
"""

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from im_final import phrases
from im_final.log import Log
from im_final.room import Room
from im_final.user import User
from tests.im_final.cluster.desks import Desk, Person
from tests.im_final.core.readers import Reader
from tools.soak.house import Store

NODES, PEOPLE = 3, 5
NAMES = ("ann", "Ann", "bob", "\uff41\uff4e\uff4e", "who", "a b", "192.0.2.1:50001")
LINES = (
    "hello", "你好", "", "who", "to|", "to|ann", "x|y", "say\nnothing", "\x1b[31mred",
    *[f"rename|{name}" for name in NAMES],
    *[f"to|{name}|psst {name}" for name in NAMES[:4]],
    "to|192.0.2.1:50001|x", "to|bob|",
)  # fmt: skip
MANY = "one\ntwo\nthree\nfour\n"

people = st.integers(0, PEOPLE - 1)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("comes or goes"), people),
        st.tuples(st.just("types"), people, st.sampled_from(LINES)),
        st.tuples(st.just("says many"), people),
        st.tuples(st.just("send"), st.integers(0, NODES - 1), st.integers(1, 3)),
        st.tuples(st.just("read"), st.integers(0, NODES - 1), st.integers(1, 3)),
    ),
    min_size=20,
    max_size=80,
)


class One:
    """The single node: what is typed waits until the real one's batch is sent."""

    def __init__(self) -> None:
        self.room = Room(Log(), lambda: None)
        self.users: list[User] = []
        self.readers: list[Reader] = []
        self.waiting: list[list[Any]] = [[] for _ in range(NODES)]

    def newcomer(self, addr: str) -> int:
        """Somebody with this address."""
        self.readers.append(Reader(self.room.log))
        self.users.append(User(self.room, self.readers[-1].outbox, addr))
        return len(self.users) - 1

    def send(self, node: int) -> None:
        """What was done at that node happens now."""
        for act, *words in self.waiting[node]:
            act(*words)
        self.waiting[node].clear()

    def hears(self, number: int) -> list[str]:
        """The lines that somebody has got."""
        self.room.log.seal()
        self.readers[number].pump()
        return self.readers[number].read().decode().split("\n")[:-1]


class World:
    """Nodes, people, and the single node beside them."""

    def __init__(self, store: Store) -> None:
        store.client.flushall()
        self.desks = [Desk(store.client) for _ in range(NODES)]
        for desk in self.desks:
            desk.enter()
        self.one = One()
        self.here: dict[int, tuple[Person, int]] = {}  # By number: in the cluster, and in the one.
        self.all: list[tuple[Person, int]] = []
        for number in range(PEOPLE):
            self.comes_or_goes(number)

    def comes_or_goes(self, number: int) -> None:
        node = number % NODES
        if number in self.here:
            person, twin = self.here.pop(number)
            person.offline()
            self.one.waiting[node].append((self.one.users[twin].offline,))
        else:
            addr = f"192.0.2.1:{50000 + len(self.all)}"
            person = Person(self.desks[node].room, addr)
            twin = self.one.newcomer(addr)
            self.here[number] = (person, twin)
            self.all.append((person, twin))
            person.online()
            self.one.waiting[node].append((self.one.users[twin].online,))

    def types(self, number: int, line: str) -> None:
        if number in self.here:
            person, twin = self.here[number]
            person.do_message(line)
            self.one.waiting[number % NODES].append((self.one.users[twin].do_message, line))

    def says_many(self, number: int) -> None:
        if number in self.here:
            person, twin = self.here[number]
            person.say_lines(MANY.encode(), 4)
            user = self.one.users[twin]
            self.one.waiting[number % NODES].append((lambda: user.say_lines(MANY.encode(), 4),))

    def send(self, node: int, times: int) -> None:
        if self.desks[node].send(times=times):
            self.one.send(node)

    def read(self, node: int, count: int) -> None:
        self.desks[node].read(count)


def without_own(lines: list[str]) -> list[str]:
    """Without what a node answers by itself: that comes earlier, at times, than others' lines."""
    return [line for line in lines if line not in (phrases.NAME_INVALID, phrases.PRIVATE_FORMAT)]


@given(steps)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nodes_mean_what_one_node_means(store: Store, steps: list[tuple[Any, ...]]) -> None:
    world = World(store)
    for what, *words in steps:
        getattr(world, what.replace(" ", "_"))(*words)
    for node, desk in enumerate(world.desks):
        world.send(node, 1)
        world.one.send(node)  # What needs nobody else is in no batch.
        desk.read()
    for desk in world.desks:
        desk.read()
        assert desk.room.outgoing.is_empty
        assert desk.room.outgoing.held == 0
        assert desk.room.roster.listing() == world.one.room.roster.listing()
        assert desk.room.log.lines == world.one.room.log.lines
    for person, twin in world.all:
        heard, expected = person.hears(), world.one.hears(twin)
        assert without_own(heard) == without_own(expected)
        assert Counter(heard) == Counter(expected)
        assert person.outbox.answers == 0
        assert person.unsure == 0
    states = [desk.replica.state() for desk in world.desks]
    assert all(state == states[0] for state in states)
