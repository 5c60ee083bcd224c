"""People talk while another Redis becomes the master: all who stay read the same, and all of it."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from im_final import phrases
from tests.im_final.children import POSIX
from tests.im_final.cluster.nodes import nodes
from tests.im_final.conftest import Run
from tests.im_final.rooms import Room
from tests.needs import need
from tests.stages.turns import until
from tools.soak.house import becomes_true
from tools.soak.sentinels import Server, Trio, trio
from tools.soak.talkers import Talker, all_fall_silent, check

pytestmark = POSIX


def crash(made: Trio) -> None:
    """The master dies, and the Sentinels put its replica in its place."""
    new = made.replica
    made.master.kill()
    made.wait_for_master(new)


def crash_and_return(made: Trio) -> None:
    """The master dies, and another program starts it again: it is a master then, without data."""
    old = made.master
    crash(made)
    old.start()


def plan(made: Trio) -> None:
    """An operator has the replica take over."""
    made.fail_over()


def freeze(made: Trio) -> None:
    """The master stands still until it has been replaced, and then goes on as one."""
    old, new = made.master, made.replica
    old.signal(signal.SIGSTOP)
    made.wait_for_master(new)
    old.signal(signal.SIGCONT)


def restart(made: Trio) -> None:
    """The master comes back without data before anybody has missed it, and empties its replica."""
    old = made.master
    old.kill()
    old.start()


@contextlib.asynccontextmanager
async def people(rooms: Sequence[Room], label: str = "p") -> AsyncIterator[list[Talker]]:
    """Two at each node, who talk."""
    talkers = [Talker(f"{label}{number}") for number in range(2 * len(rooms))]
    try:
        for number, talker in enumerate(talkers):
            await talker.comes(rooms[number % len(rooms)].server.port)
        for talker in talkers:
            talker.begins_to_talk()
        for talker in talkers:
            await talkers[0].reads(f"{talker.label}#10")
        yield talkers
    finally:
        for talker in talkers:
            await talker.leaves()


async def hear_each_other(talkers: Sequence[Talker]) -> None:
    """Everyone's next lines are read, and all was kept; nobody has left."""
    said = [talker.said for talker in talkers]
    for reader in talkers:
        for talker, count in zip(talkers, said, strict=True):
            await reader.reads(f"{talker.label}#{count + 3}")
    await all_fall_silent(talkers)
    assert check(talkers) > 0
    for talker in talkers:
        assert not talker.is_gone
        assert phrases.OFFLINE not in "".join(talker.lines)


@pytest.mark.parametrize("fault", [crash, crash_and_return, plan, freeze, restart])
def test_all_who_stay_read_the_same(
    run: Run, tmp_path: Path, fault: Callable[[Trio], None]
) -> None:
    need("redis-server")

    async def story(made: Trio) -> None:
        async with nodes(made.url, 3) as rooms, people(rooms) as talkers:
            await asyncio.to_thread(fault, made)
            await until(lambda: all(one.server.backplane.state == "up" for one in rooms))
            await hear_each_other(talkers)
            assert [one.server.statistics().link.burials for one in rooms] == [0, 0, 0]

    with trio(tmp_path) as made:
        run(story(made))


def test_without_sentinels_the_master_is_found_among_the_servers(run: Run, tmp_path: Path) -> None:
    need("redis-server")

    async def story(made: Trio) -> None:
        hosts = ",".join(f"127.0.0.1:{one.port}" for one in made.servers)
        async with nodes(f"redis://{hosts}/0", 2) as rooms, people(rooms) as talkers:
            await asyncio.to_thread(crash, made)
            await until(lambda: all(one.server.backplane.state == "up" for one in rooms))
            await hear_each_other(talkers)

    with trio(tmp_path) as made:
        run(story(made))


def test_a_master_that_does_not_know_that_it_was_replaced_is_left_by_all(
    run: Run, tmp_path: Path
) -> None:
    need("redis-server")

    def has_nodes(server: Server) -> bool:
        return any(one["name"] == "chat" for one in server.client.client_list())

    async def story(made: Trio) -> None:
        old, new = made.master, made.replica
        url = f"{made.url}?client_name=chat"
        async with nodes(url, 2, heartbeat=1.0) as rooms, people(rooms) as talkers:
            await asyncio.to_thread(freeze, made)
            await becomes_true(lambda: not has_nodes(old) and has_nodes(new))
            assert old.role == new.role == "master"
            await hear_each_other(talkers)

    with trio(tmp_path) as made:
        for sentinel in made.sentinels:
            sentinel.ask("DEBUG", "PUBLISH-PERIOD", "60000")  # They will not tell it.
        run(story(made))
