"""Another program has taken something out of Redis: the nodes see it, and say it again."""

import logging

import pytest

from im_final import phrases
from im_final.cluster.place import Place
from tests.im_final.cluster.nodes import comes, nodes
from tests.im_final.conftest import Run
from tests.im_final.rooms import Room
from tests.stages.turns import until
from tools.soak.house import Store

NAMES = "im:{lobby}:names"
HEAD = "im:{lobby}:head"


def users_of(room: Room) -> str:
    """The key with the users of a node."""
    return f"im:{{lobby}}:users:{room.server.backplane.replica.node.decode()}"


@pytest.mark.parametrize("what", ["names", "one name", "users", "one user", "both"])
def test_names_and_users_that_are_missing_come_back(
    run: Run, store: Store, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here, name="alice")
            bob = await comes(there, alice, name="bob")
            carol = await comes(here, alice, bob, name="carol")
            keys = (NAMES, users_of(here), users_of(there))
            before = [store.client.hgetall(key) for key in keys]
            if what in ("names", "both"):
                store.client.delete(NAMES)
            if what in ("users", "both"):
                store.client.delete(users_of(here))
            if what == "one name":
                store.client.hdel(NAMES, "alice")
            if what == "one user":
                store.client.hdel(users_of(here), store.client.hget(NAMES, "alice"))
            await until(lambda: [store.client.hgetall(key).keys() for key in keys] ==
                        [old.keys() for old in before])  # fmt: skip
            bob.says("rename|Alice")
            await bob.reads(phrases.NAME_TAKEN)
            alice.says("rename|ann")
            await alice.reads(phrases.RENAMED.format(old="alice", new="ann"))
            alice.name = "ann"
            await alice.vanishes()
            for reader in (bob, carol):
                await reader.reads(alice.line(phrases.OFFLINE))
            bob.says("rename|ann")
            await bob.reads(phrases.RENAMED.format(old="bob", new="ann"))

    with caplog.at_level(logging.WARNING, "im_final"):
        run(story())
    assert "it was told who is there" in caplog.text


@pytest.mark.parametrize("field", ["", "version", "number", "chain", "heard"])
def test_a_head_that_is_missing_or_lacks_a_field_comes_back_and_nobody_leaves(
    run: Run, store: Store, caplog: pytest.LogCaptureFixture, field: str
) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here, name="alice")
            bob = await comes(there, alice, name="bob")
            readers = [alice, bob]

            async def read(text: str) -> None:
                for reader in readers:
                    while (line := await reader.next_line()) != text:
                        assert line in (phrases.AWAY, phrases.BACK)

            names = [room.server.backplane.replica.node for room in (here, there)]
            for number in range(3):
                if field:
                    store.client.hdel(HEAD, field)
                else:
                    store.client.delete(HEAD)
                if number == 0:  # The nodes notice with a heartbeat, too, if nothing is said.
                    await until(lambda: store.client.hexists(HEAD, field or "number"))
                if number == 1:  # The next batch brings a user in.
                    readers.append(carol := await here.connects())
                    await read(carol.line(phrases.ONLINE))
                bob.says(f"{number}")
                await read(bob.line(f"{number}"))
            assert [room.server.backplane.replica.node for room in (here, there)] == names
            bob.says("rename|Alice")
            readers = [bob]
            await read(phrases.NAME_TAKEN)

    with caplog.at_level(logging.WARNING, "im_final"):
        run(story())
    assert "it has been given those that are known here" in caplog.text
    assert "another version" not in caplog.text
    assert not any(record.exc_info for record in caplog.records)


def never_compares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes do not see in time that something is missing."""

    async def compare(*_: object, **__: object) -> None:
        pass

    monkeypatch.setattr(Place, "compare", compare)


def test_who_leaves_before_that_is_seen_has_left(
    run: Run, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here, name="alice")
            bob = await comes(there, alice, name="bob")
            carol = await comes(here, alice, bob, name="carol")
            with monkeypatch.context() as patch:
                never_compares(patch)
                store.client.delete(users_of(here))
                await alice.vanishes()
                for reader in (bob, carol):
                    await reader.reads(alice.line(phrases.OFFLINE))
                store.client.delete(users_of(here))
                await here.server.stop()
                await bob.reads(carol.line(phrases.OFFLINE))
            await until(lambda: store.client.hkeys(NAMES) == [b"bob"])
            bob.says("who")
            await bob.reads(phrases.IS_ONLINE.format(name="bob"))

    run(story())


def test_two_who_got_one_name_meanwhile_do_not_both_keep_it(
    run: Run, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here, name="alice")
            bob = await comes(there, alice, name="bob")
            with monkeypatch.context() as patch:
                never_compares(patch)
                store.client.delete(NAMES)
                bob.says("rename|Alice")
                await bob.reads(phrases.RENAMED.format(old="bob", new="Alice"))
                for person in (alice, bob):
                    while await person.next_line() != phrases.MISSED:
                        pass
            rosters = [room.server.room.roster for room in (here, there)]
            await until(lambda: [len(roster) for roster in rosters] == [2, 2])
            await until(lambda: rosters[0].listing() == rosters[1].listing())
            names = {one.name.lower() for one in rosters[0]}
            assert len(names) == 2
            assert "alice" in names

    with caplog.at_level(logging.ERROR, "im_final"):
        run(story())
    assert caplog.text.count("another roster than Redis") == 2
