"""What Redis keeps of what was said: so many bytes, private lines included."""

import pytest
from redis.exceptions import OutOfMemoryError

from im_final import phrases
from tests.im_final.cluster import desks
from tests.im_final.cluster.desks import Desk, Person
from tests.im_final.cluster.nodes import comes, nodes
from tests.im_final.conftest import Run
from tests.stages.turns import until
from tools.soak.house import Store

TEXT = "x" * 1000


def test_private_lines_are_kept_as_long_as_the_entries_they_belong_to(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "KEEP", 2**16)
    here, there = Desk(store.client), Desk(store.client)
    for desk in (here, there):
        desk.enter()
    alice = Person(here.room, "192.0.2.1:50001")
    bob = Person(there.room, "192.0.2.2:50001")
    for person, desk in ((alice, here), (bob, there)):
        person.online()
        desk.send()
        there.read()
    for number in range(300):
        alice.do_message(f"to|{bob.addr}|{number}{TEXT}")
        here.send()
        there.read()
        assert bob.hears()[-1:] == [
            phrases.PRIVATE.format(sender=alice.addr, text=f"{number}{TEXT}")
        ]
    private = f"{there.prefix}:private:{there.node.decode()}"
    assert store.client.memory_usage(private, samples=0) > 2**14
    entries = store.client.xlen(f"{there.prefix}:log")
    assert 0 < entries < 100 + 2**16 / len(TEXT)
    assert 2**15 < kept(store) < 2**16 + 2**13


def test_entries_that_are_small_go_as_fast_as_they_come(store: Store) -> None:
    desk = Desk(store.client)
    desk.enter()
    before = store.client.config_get("stream-node-max-entries")
    store.client.config_set("stream-node-max-entries", 1)  # Redis stops a trim at 100 times that.
    keep, entries = 2**22, 20_000
    try:
        with store.client.pipeline(transaction=False) as pipe:
            for number in range(1, entries + 1):
                desk.script(
                    keys=[desk.prefix],
                    args=["turn", desk.node, desks.LEASE, keep, number, "who"],
                    client=pipe,
                )
            pipe.execute()
    finally:
        store.client.config_set(*before.popitem())
    smallest = 256  # What an entry counts at least.
    assert store.client.xlen(f"{desk.prefix}:log") < (1 + 2 / 64) * keep / smallest


def kept(store: Store) -> int:
    """Bytes of Redis's memory that the log and the private lines take."""
    keys = [b"im:{test}:log", *store.client.keys("im:{test}:private:*")]
    return sum(store.client.memory_usage(key, samples=0) or 0 for key in keys)


def says(store: Store, desk: Desk, keep: int, text: str, count: int, sequence: int = 1) -> None:
    """So many entries, of one text each."""
    with store.client.pipeline(transaction=False) as pipe:
        for number in range(sequence, sequence + count):
            words = ["turn", desk.node, desks.LEASE, keep, number, "say", text]
            desk.script(keys=[desk.prefix], args=words, client=pipe)
            if number % 100 == 0:
                pipe.execute()
        pipe.execute()


@pytest.mark.parametrize("size", [0, 2_000, 4_200, 66_000, 2**18 - 100, 2**18 + 100, 330_000])
def test_a_room_takes_as_much_memory_as_is_said(store: Store, size: int) -> None:
    desk = Desk(store.client)
    desk.enter()
    keep = 2**24 if size else 2**20
    before = store.client.info("memory")["used_memory"]
    says(store, desk, keep, "x" * size, 3 * keep // (2 * max(size, 512)))
    entry = 1.25 * size + 2**14
    assert kept(store) <= keep + entry
    assert store.client.info("memory")["used_memory"] - before <= keep + entry + 2**19
    if size:
        assert kept(store) > 0.7 * keep


def test_a_dead_nodes_private_lines_count_too(store: Store) -> None:
    here, there = Desk(store.client), Desk(store.client)
    for desk in (here, there):
        desk.enter()
    alice, bob = Person(here.room, "192.0.2.1:50001"), Person(there.room, "192.0.2.2:50001")
    for person, desk in ((alice, here), (bob, there)):
        person.online()
        desk.send()
    for _ in range(200):
        alice.do_message(f"to|{bob.addr}|{TEXT}")
        here.send()
    there.call("retire", there.node, desks.LEASE, desks.KEEP, desks.RUN, 0)
    says(store, here, 2**18, TEXT, 500, sequence=here.room.outgoing.sequence + 1)
    assert kept(store) < 2**18 + 2**14


def test_a_full_redis_goes_on_with_less_of_the_log(store: Store) -> None:
    desk = Desk(store.client)
    desk.enter()
    text = "x" * 10_000
    says(store, desk, 2**22, text, 300)
    full = store.client.info("memory")["used_memory"] + 2**18
    store.client.config_set("maxmemory", full)
    try:
        says(store, desk, 2**22, text, 1000, sequence=301)
        assert store.client.xrevrange("im:{test}:log", count=1)[0][0] == b"1301-0"
        assert store.client.info("memory")["used_memory"] < full + 2**18
        assert store.client.xlen("im:{test}:log") > 150
    finally:
        store.client.config_set("maxmemory", 0)


def test_a_redis_that_others_have_filled_keeps_its_refusal(store: Store) -> None:
    desk = Desk(store.client)
    desk.enter()
    says(store, desk, 2**22, "x", 10)
    store.client.config_set("maxmemory", 1)
    try:
        for what in (("turn", 11, "who"), ("beat",)):
            with pytest.raises(OutOfMemoryError):
                desk.call(what[0], desk.node, desks.LEASE, 2**22, *what[1:])
    finally:
        store.client.config_set("maxmemory", 0)
    assert store.client.xlen("im:{test}:log") == 11


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_an_operator_is_warned_once_of_a_redis_that_throws_names_away(
    run: Run, store: Store, caplog: pytest.LogCaptureFixture, policy: str
) -> None:
    async def story() -> None:
        async with nodes(store, 1) as (here,):
            alice, link = await comes(here), here.server.backplane
            for sessions in (2, 3):
                store.client.client_kill_filter(_type="normal", skipme=True)
                await until(lambda sessions=sessions: link.sessions == sessions)
            alice.says("hello")
            await alice.reads(alice.line("hello"))

    warning = f"maxmemory-policy of Redis is {policy}, which may throw away names"
    try:
        run(story())
        assert warning not in caplog.text
        store.client.config_set("maxmemory-policy", policy)
        run(story())
    finally:
        store.client.config_set("maxmemory-policy", "noeviction")
    assert caplog.text.count(warning) == 1


def test_people_notice_nothing_when_redis_has_less_memory_than_the_log(
    run: Run, store: Store
) -> None:
    async def story() -> None:
        async with nodes(store, 2, keep=2**24) as (here, there):
            alice = await comes(here)
            bob = await comes(there, alice)
            used = store.client.info("memory")["used_memory"]
            store.client.config_set("maxmemory", used + 2**22)
            line = "x" * 4000
            for number in range(40):
                alice.says(*[line] * 50, f"{number}")
                for reader in (alice, bob):
                    await reader.reads(*[alice.line(line)] * 50, alice.line(f"{number}"))
            assert store.client.info("memory")["used_memory"] < used + 2**23
            assert here.server.statistics().link.sessions == 1

    try:
        run(story())
    finally:
        store.client.config_set("maxmemory", 0)
