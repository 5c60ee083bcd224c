"""A room opens, is replaced, tells what goes wrong, and closes; and nothing prints."""

import asyncio
import importlib
import socket
import threading
from typing import Any

import pytest

from stages import stage1, stage3, stage6, stage7
from stages.check.failure import Failure
from stages.lab import Room
from stages.lab import room as lab_room


def server_of(stage: int) -> Any:
    return importlib.import_module(f"stages.stage{stage}").Server


class Echo(stage1.Server):
    """A server as it might stand in a cell."""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say it back."""
        while line := await reader.readline():
            writer.write(b"you said: " + line)


class Fails(stage1.Server):
    """One with a bug."""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Fail at the first line."""
        del writer
        raise ValueError((await reader.readline()).decode().strip())


class Leaves(stage1.Server):
    """One that starts things and forgets them."""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Leave a task behind, which fails later, where nobody looks."""
        await reader.readline()
        self.left = asyncio.create_task(asyncio.sleep(3600))
        asyncio.get_running_loop().call_soon([].pop)
        writer.write(b"done\n")


# Opening.


@pytest.mark.parametrize("stage", range(1, 9))
def test_it_opens_any_stage(stage: int) -> None:
    room = Room(server_of(stage))
    alice = room.connect("alice") if stage == 1 else room.join("alice")
    assert alice.addr.startswith("127.0.0.1:")
    assert repr(room) == f"<room of stages.stage{stage}.Server: alice>"


def test_it_opens_a_class_from_a_cell() -> None:
    alice = Room(Echo).connect("alice")
    alice.send("hello")
    assert alice.read() == "you said: hello"


def test_options_are_those_of_the_server() -> None:
    room = Room(stage7.Server, idle_timeout=0.2)
    assert room.join("alice").read_rest() == ["你已超时，将被踢出下线"]
    with pytest.raises(TypeError, match="idle_timout"):
        Room(stage7.Server, idle_timout=1)


def test_an_error_at_the_start_is_raised_here_and_leaves_no_thread() -> None:
    class Broken(stage1.Server):
        async def start(self) -> None:
            raise OSError("no port today")

    before = threading.active_count()
    with pytest.raises(OSError, match="no port today"):
        Room(Broken)
    assert threading.active_count() == before


# Being replaced.


def test_a_newer_room_of_a_name_closes_the_older() -> None:
    older = Room(stage3.Server)
    alice = older.join("alice")
    newer = Room(stage3.Server)
    assert not older.background.thread.is_alive()
    with pytest.raises(Failure, match="alice: has left the room already"):
        alice.read()
    newer.join("alice").send("hello")
    assert "alice ← [127.0.0.1:alice]127.0.0.1:alice:hello" in newer.read().text()


def test_rooms_of_other_names_stay_open() -> None:
    one, other = Room(stage3.Server), Room(stage3.Server, name="other")
    one.join("alice").send("one")
    other.join("alice").send("other")
    assert ":one" in one.read().text()
    assert ":other" in other.read().text()


def test_somebody_of_the_same_label_replaces_the_older() -> None:
    room = Room(stage3.Server)
    room.join("bob")
    first = room.join("alice")
    second = room.join("alice")
    assert repr(first) == "<alice, who has left>"
    second.send("it is me")
    assert ":it is me" in room.read().text()


def test_the_system_takes_little_for_one_who_does_not_read_and_for_nobody_else() -> None:
    with Room(stage3.Server) as room:
        room.join("before")
        room.connect("sleepy", reads=False)
        room.join("after")
        users = room.server.online_map.values()  # type: ignore[attr-defined]
        sockets = [user.writer.get_extra_info("socket") for user in users]
        sizes = [sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) for sock in sockets]
    before, sleepy, after = sizes
    assert sleepy < min(before, after) / 2


# Closing.


def test_it_closes_with_people_connected_and_again() -> None:
    room = Room(stage3.Server)
    room.join("alice", "bob")
    room.connect("sleepy", reads=False)
    for _ in range(2):
        room.close()
        assert not room.background.thread.is_alive()
    assert room.name not in Room.opened


def test_it_closes_at_the_end_of_a_block_even_when_that_raises() -> None:
    with pytest.raises(ZeroDivisionError), Room(stage3.Server) as room:
        raise ZeroDivisionError(room.join("alice"))
    assert not room.background.thread.is_alive()


def test_a_server_that_blocks_does_not_hold_the_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_room, "END", 0.2)
    bell = threading.Event()

    class Blocks(stage1.Server):
        async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            bell.wait(30)
            writer.close()

    room = Room(Blocks)
    room.connect("alice").send_pieces(b"stand still\n")
    try:
        with pytest.raises(TimeoutError):
            room.close()
    finally:
        bell.set()
        room.background.thread.join(10)
    assert not room.background.thread.is_alive()


# Trouble.


def test_nothing_is_printed_and_trouble_is_told_when_asked(
    capfd: pytest.CaptureFixture[str],
) -> None:
    room = Room(Fails)
    alice = room.connect("alice")
    alice.send("oh no")
    alice.read_end()
    assert room.trouble() == "ValueError: oh no"
    room.close()
    assert capfd.readouterr() == ("", "")
    assert room.journal.text().endswith("server fails: ValueError: oh no")


def test_trouble_of_one_room_is_not_told_in_another() -> None:
    calm, troubled = Room(Echo), Room(Fails)
    alice = troubled.connect("alice")
    alice.send("oh no")
    alice.read_end()
    assert calm.background.troubles.empty()
    assert troubled.trouble() == "ValueError: oh no"


def test_no_trouble_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_room, "PATIENCE", 0.2)
    with pytest.raises(Failure, match=r"nothing went wrong in the server in 0\.2 s"):
        Room(Echo).trouble()


def test_what_the_server_forgets_is_counted_and_ends_with_the_room(
    capfd: pytest.CaptureFixture[str],
) -> None:
    room = Room(Leaves)
    assert room.tasks() == 0
    alice = room.connect("alice")
    alice.send("go")
    assert alice.read() == "done"
    alice.leave()
    assert room.tasks() == 1
    assert room.trouble() == "IndexError: pop from empty list"
    room.close()
    assert capfd.readouterr() == ("", "")


def test_what_does_not_come_true_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_room, "PATIENCE", 0.2)
    room = Room(stage3.Server)
    room.wait_until(lambda server: not server.online_map)
    with pytest.raises(Failure, match=r"it did not come true in 0\.2 s"):
        room.wait_until(lambda server: server.online_map)


# People.


def test_those_who_join_read_about_each_other() -> None:
    room = Room(stage3.Server)
    alice, bob = room.join("alice", "bob")
    assert list(room.people) == ["alice", "bob"]
    for person in (alice, bob):
        person.send("who is here?")
        assert ":who is here?" in room.read().text()


def test_visitors_leave_nothing_behind() -> None:
    room = Room(stage3.Server)
    alice = room.join("alice")
    room.visit(10)
    assert len(alice.read(20)) == 20
    assert list(room.server.online_map) == [alice.addr]  # type: ignore[attr-defined]


def test_visitors_do_not_all_wait_before_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(stage3.Server)
    let_in: list[int] = []
    connects, came = room._open, 0

    def connect(label: str) -> socket.socket:
        nonlocal came
        came += 1
        return connects(label)

    monkeypatch.setattr(room, "_open", connect)
    monkeypatch.setattr(room, "pause", lambda: let_in.append(came))
    room.visit(250)
    assert let_in == [0, 100, 200]


def test_one_who_reads_nothing_is_not_waited_for() -> None:
    room = Room(stage3.Server)
    room.connect("sleepy", reads=False)
    alice = room.join("alice")
    alice.send("hello")
    assert room.read().text().endswith("alice ← [127.0.0.1:alice]127.0.0.1:alice:hello")


def test_the_roster_is_asked_where_nobody_can_change_it() -> None:
    room = Room(stage3.Server)
    room.join("alice", "bob")
    assert room.roster() == ["127.0.0.1:alice", "127.0.0.1:bob"]


def test_whether_anybody_is_let_in() -> None:
    room = Room(stage1.Server)
    assert room.lets_in()
    room.background.call(room.server.stop(), 5)
    assert not room.lets_in()


def test_timers_are_those_that_have_still_to_ring() -> None:
    class Rings(stage1.Server):
        async def handle(self, reader: Any, writer: Any) -> None:  # noqa: ARG002
            loop = asyncio.get_running_loop()
            loop.call_later(60, writer.close)
            loop.call_later(60, writer.close).cancel()

    room = Room(Rings)
    assert room.timers() == 0
    alice = room.connect("alice")
    alice.half_close()
    alice.read_end()
    assert room.timers() == 1


def test_what_is_sent_at_once_is_found_at_the_same_moment() -> None:
    found = threading.Event()

    class Counts(stage1.Server):
        here = 0

        async def handle(self, reader: Any, writer: Any) -> None:
            await reader.read(4096)
            found.set()
            self.here += 1
            await asyncio.sleep(0)  # The others have their turn.
            writer.write(f"{self.here}\n".encode())

    room = Room(Counts)
    people = [room.connect(f"user{number}") for number in range(10)]
    room.pause()  # All are accepted.
    with room.at_once():
        for person in people:
            person.send("now")
        assert not found.wait(0.2)  # Time enough for a server that is not held.
    assert [person.read() for person in people] == ["10"] * 10
    room.close()
    with pytest.raises(Failure, match="the room is closed"), room.at_once():
        pass


def test_a_server_that_fails_to_stop_keeps_no_other_room_from_closing_or_opening() -> None:
    class FailsToStop(stage3.Server):
        async def stop(self) -> None:
            await super().stop()
            raise RuntimeError("not today")

    Room(FailsToStop, name="one")
    Room(FailsToStop, name="one")
    other = Room(stage3.Server, name="other")
    with pytest.raises(RuntimeError, match="not today"):
        Room.close_all()
    assert not other.background.thread.is_alive()
    assert not Room.opened


def test_no_connection_is_told_in_words() -> None:
    room = Room(stage3.Server)
    room.close()
    with pytest.raises(Failure, match=r"^alice: no connection: "):
        room.connect("alice")


def test_nobody_is_shown_out_while_one_reads_unless_the_limit_is_given() -> None:
    with Room(stage7.Server) as room:
        assert room.server.idle_timeout == 3600
    with Room(stage7.Server, idle_timeout=5) as room:
        assert room.server.idle_timeout == 5
    with Room(stage6.Server) as room:
        assert not hasattr(room.server, "idle_timeout")


@pytest.mark.parametrize(
    ("trouble", "is_one"),
    [
        ("NameError: name 'asynco' is not defined", True),
        ("KeyError", True),
        ("OwnError: of a learner's server", True),
        ("ConnectionResetError: [Errno 104] Connection reset by peer", False),
        ("TimeoutError", False),
        ("Task was destroyed but it is pending!", False),
        ("", False),
    ],
)
def test_a_mistake_is_what_a_program_raises_by_itself(trouble: str, is_one: bool) -> None:
    assert lab_room.is_mistake(trouble) is is_one
