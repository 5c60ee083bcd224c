"""No speaker waits for a reader whose connection is lost, before the room has decided the leave."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

import im_final
from im_final.cluster.member import SharedRoom
from im_final.cluster.replica import Replica
from im_final.connection import Connection
from im_final.log import Log
from im_final.statistics import LinkStatistics
from tests.im_final.cluster.granted import NODE, happens
from tests.im_final.conftest import Run
from tests.im_final.rooms import Room, Staller
from tests.stages.turns import some_turns, until

LINE = b"x" * 2**16 + b"\n"


class Granted:
    """A backplane without Redis: the test says when a batch arrives."""

    room: SharedRoom
    replica: Replica

    def open(self, log: Log, wake: Callable[[], None], max_backlog: int) -> SharedRoom:  # noqa: ARG002
        self.room = SharedRoom(log, wake, lambda: None)
        self.replica = Replica(self.room)
        self.replica.node = NODE
        return self.room

    async def start(self) -> None:
        pass

    async def stop(self, within: float) -> None:  # noqa: ARG002
        for member in list(self.room.people):
            member.depart()

    def statistics(self) -> LinkStatistics:
        raise NotImplementedError

    def say(self, line: bytes) -> None:
        """A line comes from another node."""
        self.room.log.append(line)
        self.room.wake()


@contextlib.asynccontextmanager
async def a_blocked_reader(
    plane: Granted, mallory: Staller
) -> AsyncIterator[tuple[im_final.Server, Connection]]:
    """A server, and its side of a reader who has stopped to read."""
    async with im_final.Server(port=0, backplane=plane) as server:
        joining = asyncio.create_task(mallory.joins(Room(server)))
        await until(lambda: bool(plane.room.outgoing.waiting))
        happens(plane.room, plane.replica)
        connection = await joining
        while connection not in server.fanout.blocked:
            assert connection in server.connections, "it was dropped"
            plane.say(LINE)
            await some_turns()
        yield server, connection


def reset(mallory: Staller, _: Connection) -> None:
    """The peer resets the connection."""
    mallory.vanishes()


def close(_: Staller, connection: Connection) -> None:
    """The transport is closed on our side, and still has something to write."""
    assert connection.transport
    connection.transport.close()


@pytest.mark.parametrize("end", [reset, close])
def test_a_reader_who_was_blocked_and_is_gone_holds_up_nobody(
    run: Run, end: Callable[[Staller, Connection], None]
) -> None:
    async def story() -> None:
        plane = Granted()
        with Staller() as mallory:
            async with a_blocked_reader(plane, mallory) as (server, connection):
                fanout, log = server.fanout, plane.room.log
                end(mallory, connection)
                if end is reset:
                    await until(lambda: connection not in server.connections)
                    assert not fanout.blocked
                assert connection in server.readers, "their leave is not decided yet"
                plane.say(b"hello\n")
                await some_turns()
                assert (fanout.taken, fanout.blocked) == (log.end, {})
                if connection.transport:
                    connection.transport.abort()

    run(story())
