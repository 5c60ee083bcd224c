"""Nodes on Pythons with different Unicode tables: one name is one person, at every node.

The older table does not know U+1E030, which is compatible with U+0430 since Unicode 15.
"""

import asyncio
import contextlib
import hashlib
import sys
import unicodedata
from collections.abc import Callable, Iterator

import pytest

from im_final import names, phrases, wire
from im_final.cluster.address import Server
from im_final.cluster.operations import Join
from im_final.cluster.place import Place, Terms
from im_final.cluster.reading import BACKLOG, Reading
from im_final.cluster.redis import Redis
from tests.im_final.cluster.desks import KEEP, LEASE, Desk, Person
from tools.soak.house import Store

NEW, PLAIN = "\U0001e030", "\u0430"


@contextlib.contextmanager
def table(*, knows: bool) -> Iterator[None]:
    """Python's Unicode table is one that knows NEW, or one that does not."""
    with pytest.MonkeyPatch.context() as patch:
        key = names.key
        patch.setattr(names, "key", lambda name: key(name.replace(NEW, PLAIN) if knows else name))
        patch.setattr(names, "is_assigned", lambda name: knows or NEW not in name)
        yield


class Node(Desk):
    """A desk with a table, and somebody there."""

    def __init__(self, store: Store, number: int, *, knows: bool, enters: bool = True) -> None:
        super().__init__(store.client)
        self.knows = knows
        if enters:
            self.enter()
        self.person = Person(self.room, f"192.0.2.{number}:50001")
        self.heard = 0

    def does(self, act: Callable[[], object]) -> None:
        """Do it with the node's table."""
        with table(knows=self.knows):
            act()

    def types(self, *lines: str) -> None:
        """The person types, and it is sent."""
        for line in lines:
            self.does(lambda line=line: self.person.do_message(line))  # type: ignore[misc]
        self.does(self.send)


class World:
    """A node with an old table and one with a new one."""

    def __init__(self, store: Store) -> None:
        self.old, self.new = Node(store, 1, knows=False), Node(store, 2, knows=True)
        for node in (self.old, self.new):
            node.does(node.person.online)
            node.does(node.send)
        self.hear()

    def settle(self) -> None:
        """All read all, and have come to the same."""
        for node in (self.old, self.new):
            node.does(node.read)
        assert self.old.replica.state() == self.new.replica.state()
        assert self.old.room.roster.listing() == self.new.room.roster.listing()
        assert not self.old.replica.has_diverged

    def hear(self) -> tuple[list[str], list[str]]:
        """What the two have heard since."""
        self.settle()
        heard = []
        for node in (self.old, self.new):
            lines = node.person.hears()
            heard.append(lines[node.heard :])
            node.heard = len(lines)
        return heard[0], heard[1]


def test_a_name_that_only_some_know_is_not_given_where_it_is_not_known(store: Store) -> None:
    world = World(store)
    world.new.types(f"rename|{NEW}")
    world.hear()
    world.old.types(f"rename|{NEW}", f"rename|{PLAIN}")
    heard, _ = world.hear()
    assert heard == [phrases.NAME_INVALID, phrases.NAME_TAKEN]


@pytest.mark.parametrize("first", [NEW, PLAIN])
def test_a_secret_goes_to_the_one_who_is_called_so_or_to_nobody(store: Store, first: str) -> None:
    world = World(store)
    world.new.types(f"rename|{first}")
    world.old.types(f"rename|{PLAIN}", f"rename|{NEW}")
    world.hear()
    for name, texts in ((PLAIN, ["to the plain one"]), (NEW, [])):
        world.old.types(f"to|{name}|to the plain one")
        _, heard = world.hear()
        assert heard == [
            phrases.PRIVATE.format(sender=world.old.person.name, text=text) for text in texts
        ]


def test_lines_are_the_same_on_all_nodes_through_any_rename(store: Store) -> None:
    world = World(store)
    for name in (NEW, "bob", PLAIN, "Bob", NEW):
        world.old.types("rename|other", f"rename|{name}", "old")
        world.new.types(f"rename|{name}", "new", f"rename|{name}x", "as")
        old, new = world.hear()
        said = [line for line in old if line.startswith("[")]
        assert said == [line for line in new if line.startswith("[")]
        assert len(said) == 3


def test_a_node_that_comes_later_is_told_the_keys(store: Store) -> None:
    world = World(store)
    world.new.types(f"rename|{NEW}")
    world.new.room.outgoing.ask(Join(Person(world.new.room, "192.0.2.3:50001"), f"{NEW}{NEW}"))
    world.new.does(world.new.send)
    late = Node(store, 4, knows=False, enters=False)

    async def story() -> None:
        redis = Redis(Server("127.0.0.1", store.port), late.prefix, 10.0)
        await redis.open()
        terms = Terms(1.0, LEASE / 1000, KEEP)
        with table(knows=False):
            await Place(terms, late.replica, Reading(late.replica, BACKLOG)).come_anew(redis)
        await redis.close()

    asyncio.run(story())
    late.does(late.read)
    world.settle()
    assert late.replica.state() == world.new.replica.state()
    assert [user.key for user in late.replica.state().users] == [
        world.old.person.addr, PLAIN, PLAIN + PLAIN,
    ]  # fmt: skip


@pytest.mark.parametrize("gives", ["old", "new"])
def test_what_redis_is_given_back_has_the_keys_that_were_decided(store: Store, gives: str) -> None:
    world = World(store)
    world.new.types(f"rename|{NEW}")
    world.settle()
    state = getattr(world, gives).replica.state()
    assert [user.key for user in state.users] == [world.old.person.addr, PLAIN]


def test_the_key_of_what_is_known_is_the_same_in_every_table() -> None:
    """Unicode promises that; here for what all of Python's tables have, that of Unicode 3.2."""
    old = unicodedata.ucd_3_2_0
    known = [chr(code) for code in range(sys.maxunicode + 1)]
    known = [char for char in known if old.category(char) not in ("Cn", "Cs")]
    keys = "\n".join(names.key(f"a{char}b") for char in known)
    digest = hashlib.sha256(keys.encode()).hexdigest()
    assert (len(known), digest[:16]) == (232_689, "d244206a73fd9e83")
    assert all(names.is_assigned(char) for char in known)
    assert not names.is_assigned("bob\u0378")


def test_how_a_line_is_cleaned_does_not_depend_on_the_table() -> None:
    """`isprintable` does; but no table has a hostile character as one that can be printed."""
    hostile = [chr(code) for code in range(2**16) if wire.HOSTILE.match(chr(code))]
    assert len(hostile) > 60
    assert not any(char.isprintable() for char in hostile)
    unknown = "\U0001faff\u0378x"
    assert wire.clean(unknown) == unknown
