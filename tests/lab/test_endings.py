"""How a room begins badly or ends: everyone hears of it, nothing is left, nobody waits too long."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from stages import stage1, stage3, stage7
from stages.check.room import open_socket
from stages.lab import Room
from stages.lab import room as lab_room

LONG = 10.0  # Seconds for what has to happen.
SHORT = 0.2  # Seconds for what is waited for in vain.


@contextlib.contextmanager
def outsider(room: Room) -> Iterator[socket.socket]:
    """A connection of which the room knows nothing."""
    with open_socket((room.server.host, room.server.port), LONG) as sock:
        yield sock


def received(sock: socket.socket) -> bytes:
    """All that comes until the server ends the stream."""
    data = b""
    while chunk := sock.recv(4096):
        data += chunk
    return data


def refused(room: Room) -> bool:
    """Whether nobody listens there any more."""
    try:
        with outsider(room):
            return False
    except ConnectionRefusedError:
        return True


def lab_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.daemon}


class Stuck:
    """A server that holds its whole loop as soon as somebody speaks, until the bell rings."""

    def __init__(self) -> None:
        self.bell = bell = threading.Event()

        class Server(stage1.Server):
            async def handle(self, reader: Any, writer: Any) -> None:
                await reader.readline()
                bell.wait(LONG)
                writer.close()

        self.server_class = Server

    def room(self, name: str = "stuck") -> Room:
        room = Room(self.server_class, name=name)
        room.connect("alice").send_pieces(b"stand still\n")
        return room


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stuck]:
    monkeypatch.setattr(lab_room, "END", SHORT)
    before = lab_threads()
    server = Stuck()
    yield server
    server.bell.set()
    Room.close_all()
    for thread in lab_threads() - before:
        thread.join(LONG)
    assert not lab_threads() - before


# A bad beginning.


def test_a_start_that_fails_half_way_leaves_nothing() -> None:
    ports = []

    class Broken(stage1.Server):
        async def start(self) -> None:
            await super().start()
            ports.append(self.port)
            self.listener.close()
            raise OSError("half way")

    before, rooms = lab_threads(), dict(Room.opened)
    with pytest.raises(OSError, match="half way"):
        Room(Broken)
    assert lab_threads() == before
    assert Room.opened == rooms
    with pytest.raises(ConnectionRefusedError):
        open_socket(("127.0.0.1", ports[0]), LONG)


def test_a_start_that_never_returns_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_room, "START", SHORT)

    class Dawdles(stage1.Server):
        async def start(self) -> None:
            await asyncio.sleep(3600)

    before, began = lab_threads(), time.monotonic()
    with pytest.raises(TimeoutError):
        Room(Dawdles)
    assert time.monotonic() - began < LONG / 2
    assert lab_threads() == before


def test_an_option_that_the_server_does_not_know_starts_no_thread() -> None:
    before = lab_threads()
    with pytest.raises(TypeError, match="patience"):
        Room(stage3.Server, patience=3)
    assert lab_threads() == before


def test_a_room_opens_after_one_of_its_name_could_not() -> None:
    with pytest.raises(TypeError):
        Room(stage7.Server, name="mine", idle=1)
    with Room(stage7.Server, name="mine", idle_timeout=60) as room:
        assert room.join("alice").is_here()


# The end.


def test_all_who_are_connected_read_the_end_when_a_newer_room_opens() -> None:
    older = Room(stage3.Server)
    with outsider(older) as eve:
        assert eve.recv(100)
        newer = Room(stage3.Server)
        assert received(eve) == b""
    assert refused(older)
    assert not refused(newer)
    assert not older.background.thread.is_alive()
    assert Room.opened[newer.name] is newer


def test_an_older_room_that_is_closed_late_does_not_close_the_newer() -> None:
    older = Room(stage3.Server)
    newer = Room(stage3.Server)
    older.close()
    assert Room.opened[newer.name] is newer
    assert newer.join("alice").is_here()


def test_a_class_of_the_same_name_from_the_same_cell_replaces_the_older() -> None:
    def cell() -> type[stage1.Server]:
        class Server(stage3.Server):
            """One as it stands in a cell that is run twice."""

        return Server

    older, newer = Room(cell()), Room(cell())
    assert refused(older)
    assert not refused(newer)


def test_nobody_is_here_when_it_has_closed() -> None:
    room = Room(stage3.Server)
    alice, _ = room.join("alice", "bob")
    with outsider(room) as eve:
        room.close()
        assert "已上线\n".encode() in received(eve)
    assert not alice.is_here()
    assert repr(room) == "<room of stages.stage3.Server: nobody is here>"
    assert refused(room)
    assert not room.background.thread.is_alive()


def test_the_story_can_be_told_when_it_has_closed() -> None:
    with Room(stage3.Server) as room:
        room.join("alice").send("hello")
        room.read()
    assert room.journal.text().endswith("alice ← [127.0.0.1:alice]127.0.0.1:alice:hello")
    assert "hello" in room.diagram("x").svg()


def test_all_rooms_close_at_once() -> None:
    rooms = [Room(stage3.Server, name=name) for name in "abc"]
    Room.close_all()
    assert not Room.opened
    assert all(refused(room) for room in rooms)


def test_a_stop_that_fails_is_told_and_ends_the_room_all_the_same() -> None:
    class Limps(stage3.Server):
        async def stop(self) -> None:
            await super().stop()
            raise RuntimeError("I will be back")

    room = Room(Limps)
    room.join("alice")
    with pytest.raises(RuntimeError, match="I will be back"):
        room.close()
    assert not room.background.thread.is_alive()
    room.close()


def test_what_a_cell_raises_is_what_one_sees() -> None:
    room = Room(stage3.Server)

    def cell() -> None:
        with room:
            room.join("alice", "bob")
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        cell()
    assert refused(room)


def test_closing_a_room_that_is_stuck_takes_no_longer_than_it_may(stuck: Stuck) -> None:
    room = stuck.room()
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        room.close()
    assert time.monotonic() - began < 10 * SHORT
    assert room.name not in Room.opened
    assert room.background.thread.is_alive()
    stuck.bell.set()
    room.background.thread.join(LONG)
    assert not room.background.thread.is_alive()


def test_a_stuck_room_does_not_hold_those_who_look_at_it(
    stuck: Stuck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab_room, "PATIENCE", SHORT)
    room = stuck.room()
    began = time.monotonic()
    room.pause()
    with pytest.raises(TimeoutError):
        room.tasks()
    assert time.monotonic() - began < LONG / 2


def test_a_cell_can_be_run_again_when_its_room_is_stuck(stuck: Stuck) -> None:
    stuck.room()
    with Room(stage3.Server, name="stuck") as newer:
        assert newer.join("alice").is_here()


def test_one_stuck_room_does_not_keep_the_others_open(stuck: Stuck) -> None:
    stuck.room()
    other = Room(stage3.Server, name="other")
    with contextlib.suppress(TimeoutError):
        Room.close_all()
    assert refused(other)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_closed_room_says_that_it_is_closed(recwarn: pytest.WarningsRecorder) -> None:
    room = Room(stage3.Server)
    room.close()
    with pytest.raises(Exception, match="closed") as caught:
        room.tasks()
    del caught
    assert not [warning for warning in recwarn if "never awaited" in str(warning.message)]
