"""Finding the master: with Sentinels that are asked in turn, among several, in a Redis Cluster."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from im_final.cluster import address
from im_final.cluster.master import Master
from im_final.cluster.redis import Away
from stages.check.program import free_port
from tests.im_final.children import POSIX
from tests.im_final.cluster.nodes import comes, nodes
from tests.im_final.cluster.sentinel import liar
from tests.im_final.conftest import Run
from tests.needs import need
from tools.soak.house import Store
from tools.soak.sentinels import SERVICE, Trio, trio, wait_for

pytestmark = POSIX
PREFIX = "im:{lobby}"
PATIENCE = 5.0
SECRET, OTHER = "secret", "other"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trio]:
    """A trio with passwords, the same for all tests here: none of them makes it fail over."""
    need("redis-server")
    folder = tmp_path_factory.mktemp("trio")
    with trio(folder, password=SECRET, sentinel_password=OTHER) as running:
        yield running


def by_sentinels(*ports: int, service: str = SERVICE, login: str = f":{SECRET}@") -> str:
    """A URL of these Sentinels."""
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"redis+sentinel://{login}{hosts}/{service}?sentinel_password={OTHER}"


def by_name(*stores: Store) -> str:
    """A URL of these servers."""
    hosts = ",".join(f"127.0.0.1:{one.port}" for one in stores)
    return f"redis://:{SECRET}@{hosts}/0"


def finder(url: str) -> Master:
    """What finds the master there."""
    return Master(address.read(url), PREFIX, PATIENCE)


async def port_of_master(master: Master) -> int:
    """Where it is found. Raises what that raises."""
    found = await master.connect()
    await found.close()
    return found.server.port


def test_the_sentinels_are_asked_in_turn_until_one_knows(run: Run, made: Trio) -> None:
    async def story() -> None:
        known = [one.port for one in made.sentinels]
        for ports in (known, [free_port(), *known]):
            assert await port_of_master(finder(by_sentinels(*ports))) == made.servers[0].port
        async with liar(0) as silent:
            began = time.monotonic()
            master = finder(by_sentinels(silent, *known))
            assert await port_of_master(master) == made.servers[0].port
            assert time.monotonic() - began < PATIENCE
            assert master.sentinels[0].port == known[0], "the one that knows is asked first now"

    run(story())


def test_a_sentinel_that_has_not_heard_of_a_failover_is_not_asked_again(
    run: Run, made: Trio
) -> None:
    async def story() -> None:
        async with liar(made.servers[1].port) as stale:
            master = finder(by_sentinels(stale, made.sentinels[0].port))
            with pytest.raises(ConnectionError, match="is a replica, and not the master"):
                await port_of_master(master)
            assert await port_of_master(master) == made.servers[0].port

    run(story())


@pytest.mark.parametrize(
    ("service", "login", "told"),
    [
        ("nobody", f":{SECRET}@", "a Sentinel knows no service nobody"),
        (SERVICE, ":wrong@", "invalid username-password|invalid password"),
    ],
)
def test_what_is_wrong_with_the_url_is_said(
    run: Run, made: Trio, service: str, login: str, told: str
) -> None:
    async def story() -> None:
        ports = [one.port for one in made.sentinels]
        with pytest.raises(Away, match=told):
            await port_of_master(finder(by_sentinels(*ports, service=service, login=login)))

    run(story())


def test_sentinels_that_want_a_password_say_so(run: Run, made: Trio) -> None:
    async def story() -> None:
        url = by_sentinels(made.sentinels[0].port).partition("?")[0]
        with pytest.raises(ConnectionError, match="no Sentinel can be asked: Authentication"):
            await port_of_master(finder(url))

    run(story())


def test_the_master_is_watched(run: Run, made: Trio) -> None:
    async def story() -> None:
        here, there = (finder(by_name(*made.servers)).address.servers[at] for at in (0, 1))
        master = finder(by_sentinels(*[one.port for one in made.sentinels]))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await master.watch(here, pause=0.01)
        with pytest.raises(ConnectionError, match=f"the master is redis://127.0.0.1:{here.port}/0"):
            await master.watch(there, pause=0.01)
        with pytest.raises(TimeoutError):  # Without Sentinels it is that one until it has trouble.
            async with asyncio.timeout(0.3):
                await finder(by_sentinels(free_port())).watch(there, pause=0.01)

    run(story())


def test_of_several_servers_the_master_is_taken(run: Run, made: Trio) -> None:
    async def story() -> None:
        first, second = made.servers
        for servers in ([first, second], [second, first]):
            assert await port_of_master(finder(by_name(*servers))) == first.port
        twice = by_name(first).replace("/0", f",localhost:{first.port}/0")
        assert await port_of_master(finder(twice)) == first.port
        with pytest.raises(ConnectionError, match="is a replica, and not the master"):
            await port_of_master(finder(by_name(second)))
        with pytest.raises(ConnectionError, match=r"is a replica.*; .*onnect"):
            await port_of_master(
                finder(by_name(second).replace("/0", f",127.0.0.1:{free_port()}/0"))
            )

    run(story())


def test_of_two_masters_none_is_taken(run: Run, made: Trio, tmp_path: Path) -> None:
    async def story() -> None:
        with pytest.raises(ConnectionError, match="are both masters; make one the replica"):
            await port_of_master(finder(by_name(made.servers[0], another)))

    another = Store(tmp_path)
    another.command += ["--requirepass", SECRET]
    another.client = redis.Redis(port=another.port, password=SECRET, protocol=2)
    try:
        another.start()
        run(story())
    finally:
        another.stop()


def test_a_server_that_becomes_the_master_again_is_another_run(store: Store, run: Run) -> None:
    async def seen() -> bytes:
        found = await finder(f"redis://127.0.0.1:{store.port}").connect()
        await found.close()
        return found.run

    async def story() -> None:
        before = await seen()
        assert await seen() == before
        store.client.replicaof("127.0.0.1", 1)
        store.client.replicaof("NO", "ONE")
        assert await seen() != before

    run(story())


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """A Redis Cluster of two nodes, of which the second has the room."""
    need("redis-server")
    here, there = Store(tmp_path / "here"), Store(tmp_path / "there")
    try:
        buses = [str(free_port()) for _ in range(2)]
        for one, bus in zip((here, there), buses, strict=True):
            one.folder.mkdir()
            one.command += ["--cluster-enabled", "yes", "--cluster-port", bus]
            one.start()
        slot = here.client.cluster("KEYSLOT", PREFIX)
        here.client.cluster("ADDSLOTSRANGE", 0, slot - 1)
        there.client.cluster("ADDSLOTSRANGE", slot, 16383)
        there.client.cluster("SET-CONFIG-EPOCH", 1)
        here.client.cluster("MEET", "127.0.0.1", there.port, buses[1])
        for one in (here, there):
            wait_for(lambda one=one: is_whole(one))  # type: ignore[misc]
        yield here, there
    finally:
        for one in (here, there):
            one.stop()


def is_whole(store: Store) -> bool:
    """True if this node knows who has each slot."""
    return bool(store.client.cluster("INFO")["cluster_state"] == "ok")


def test_the_node_of_a_cluster_that_has_the_room_is_found_and_named(
    run: Run, cluster: tuple[Store, Store], caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        here, there = cluster
        for url in (f"redis://127.0.0.1:{here.port}",
                    f"redis://127.0.0.1:{here.port},127.0.0.1:{there.port}"):  # fmt: skip
            async with nodes(url, 1) as (room,):
                alice = await comes(room)
                alice.says("hello")
                await alice.reads(alice.line("hello"))
            assert f"in the room lobby at redis://127.0.0.1:{there.port}/0, as" in caplog.text
            assert "not in the room" not in caplog.text

    with caplog.at_level("INFO", "im_final"):
        run(story())
