"""The server inside another program: a notebook's room, a test, beside other asyncio code."""

import asyncio
import contextlib
import gc
import os
import socket
import sys
from typing import Any

import pytest

import im_final
from im_final import phrases
from im_final.connection import Connection
from stages.lab import Room as LabRoom
from tests.im_final.conftest import Run
from tests.im_final.rooms import open_room
from tests.stages.clock import Clock
from tests.stages.people import Person, reset_on_close
from tests.stages.turns import PATIENCE, some_turns, until

CROWD = 200
VISITS = 20


async def visitor(server: im_final.Server) -> Person:
    return Person(*await asyncio.open_connection("127.0.0.1", server.port))


def test_it_listens_while_the_block_runs_and_prints_nothing(
    run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    async def story() -> None:
        async with im_final.Server(port=0) as server:
            assert server.host == "127.0.0.1"
            alice = await visitor(server)
            await alice.reads(alice.line(phrases.ONLINE))
            alice.sends(b"hello\n\xff\nto|\nwho\nhalf a li")
            await alice.reads(alice.line("hello"), phrases.NOT_UTF8)
            bob = await visitor(server)
            await bob.vanishes()
        await alice.reads_on_until(phrases.CLOSING)
        await alice.leaves()
        with pytest.raises(ConnectionRefusedError):
            await visitor(server)

    run(story())
    assert capfd.readouterr() == ("", "")


def test_two_servers_side_by_side_know_nothing_of_each_other(run: Run) -> None:
    async def story() -> None:
        async with open_room() as one, open_room() as other:
            alice, bob = await one.joins("alice"), await other.joins("alice")
            alice.says("hello")
            await alice.reads(alice.line("hello"))
            bob.says("who")
            await bob.reads(phrases.IS_ONLINE.format(name="alice"))
            assert one.counts().lines_in == 2
            assert other.counts().lines_in == 2

    run(story())


def test_an_error_at_the_start_is_raised_and_leaves_nothing_behind(run: Run) -> None:
    async def story(port: int) -> None:
        before = len(asyncio.all_tasks())
        with pytest.raises(OSError, match="in use"):
            await im_final.Server(port=port).start()
        with pytest.raises(ValueError, match="no certificate and key in nowhere: No such file"):
            await im_final.Server(port=0, tls_cert="nowhere").start()
        with pytest.raises(FileNotFoundError):
            await im_final.Server(port=0, **{"password_file": "nowhere"}).start()
        assert len(asyncio.all_tasks()) == before

    with socket.create_server(("127.0.0.1", 0)) as owner:
        run(story(owner.getsockname()[1]))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"idle_timout": 1}, TypeError, "idle_timout"),
        ({"max_line": 10}, ValueError, "max_line must be at least 64, not 10"),
        ({"max_stall": float("nan")}, ValueError, "max_stall must be at least 0.1, not nan"),
        ({"port": -1}, ValueError, "port must be at least 0"),
        ({"port": 65536}, ValueError, "port must be at most 65535"),
        ({"exempt": ("127.0.0.1/8",)}, ValueError, "exempt: 127.0.0.1/8 has host bits set"),
        ({"tls_key": "key.pem"}, ValueError, "tls_key is of no use without tls_cert"),
        ({"drain": float("inf")}, ValueError, "drain must be a finite number, not inf"),
        ({"max_line": 40_000, "max_backlog": 2**16}, ValueError, "max_backlog must be at least tw"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_option_that_makes_no_sense_is_refused(
    options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        im_final.Server(**options)


def test_options_after_the_port_are_given_by_name_only() -> None:
    with pytest.raises(TypeError):
        im_final.Server("127.0.0.1", 0, 4096)  # type: ignore[misc]


def test_it_can_listen_on_sockets_that_it_is_given(run: Run) -> None:
    async def story(listener: socket.socket) -> None:
        async with im_final.Server(sockets=[listener]) as server:
            assert server.port == listener.getsockname()[1]
            alice = await visitor(server)
            await alice.reads(alice.line(phrases.ONLINE))
        await alice.leaves()

    run(story(socket.create_server(("127.0.0.1", 0))))


@pytest.mark.parametrize("sockets", [0, 1], ids=["own socket", "socket that it is given"])
def test_a_line_does_not_wait_for_the_acknowledgement_of_the_one_before(
    run: Run, sockets: int
) -> None:
    async def story() -> None:
        given = [socket.create_server(("127.0.0.1", 0)) for _ in range(sockets)]
        async with im_final.Server(port=0, sockets=given) as server:
            alice = await visitor(server)
            await alice.reads(alice.line(phrases.ONLINE))
            (connection,) = server.connections
            assert connection.transport
            duplicate = os.dup(connection.transport.get_extra_info("socket").fileno())
            with socket.socket(fileno=duplicate) as sock:
                assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        await alice.leaves()

    run(story())


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_socket_that_does_not_listen_is_refused(run: Run, kind: socket.SocketKind) -> None:
    async def story(useless: socket.socket) -> None:
        with pytest.raises(ValueError, match="does not listen for TCP"):
            await im_final.Server(sockets=[useless]).start()
        assert len(asyncio.all_tasks()) == 1

    with socket.socket(socket.AF_INET, kind) as useless:
        run(story(useless))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a shut listener may say nothing")
def test_a_listener_that_fails_for_ever_is_not_asked_all_the_time(run: Run) -> None:
    async def story() -> None:
        async with im_final.Server(port=0) as server:
            complaints: list[OSError] = []
            server.complain = complaints.append  # type: ignore[method-assign]
            server.listeners[0].shutdown(socket.SHUT_RD)
            await until(lambda: complaints)
            for _ in range(100):
                await asyncio.sleep(0)
            assert len(complaints) == 1

    run(story())


def test_it_listens_on_every_address_of_a_name_on_one_port(run: Run) -> None:
    if not socket.has_ipv6:
        pytest.skip("this system has no IPv6")

    async def story() -> None:
        async with im_final.Server(host="", port=0) as server:
            for host, addr in (("127.0.0.1", "127.0.0.1"), ("::1", "::1")):
                person = Person(*await asyncio.open_connection(host, server.port))
                port = person.writer.get_extra_info("sockname")[1]
                person.addr = person.name = f"{addr}:{port}"
                await person.reads_on_until(person.line(phrases.ONLINE))
                await person.leaves()

    run(story())


def test_it_stops_with_people_connected_whatever_they_are_doing(run: Run) -> None:
    async def story() -> None:
        before = asyncio.all_tasks()
        server = im_final.Server(port=0)
        await server.start()
        silent, typing, half, reset = [await visitor(server) for _ in range(4)]
        await until(lambda: len(server.online_map) == 4)
        typing.sends(b"half a li")
        half.ends_input()
        await reset.vanishes()
        await server.stop()
        assert not server.connections
        assert not server.online_map
        assert asyncio.all_tasks() == before
        for person in (silent, typing):
            await person.reads_on_until(phrases.CLOSING)
            await person.reads_the_end()
        for person in (silent, typing, half):
            await person.leaves()
        await server.stop()  # Once more does no harm.

    run(story())


@pytest.mark.parametrize("turns", range(4))
def test_who_comes_in_the_moment_of_the_end_is_closed_too(run: Run, turns: int) -> None:
    async def story() -> None:
        errors: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, error: errors.append(error))
        server = im_final.Server(port=0)
        await server.start()
        await some_turns()
        late = socket.create_connection((server.host, server.port))
        late.setblocking(False)
        for _ in range(turns):
            await asyncio.sleep(0)
        await server.stop()
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection(sock=late)
            with contextlib.suppress(ConnectionResetError):
                await reader.read()
        writer.close()
        assert not server.connections
        assert server.gate.count == 0
        assert not errors

    run(story())


def test_who_is_just_arriving_is_told_goodbye(run: Run) -> None:
    async def story() -> None:
        server = im_final.Server(port=0)
        await server.start()
        early = await visitor(server)
        await early.reads(early.line(phrases.ONLINE))
        crowd = [socket.create_connection((server.host, server.port)) for _ in range(10)]
        await until(lambda: server.arriving)
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(server.stop(), early.reads_on_until(phrases.CLOSING))
            for sock in crowd:
                person = Person(*await asyncio.open_connection(sock=sock))
                await person.reads_on_until(phrases.CLOSING)
                await person.leaves()
        await early.leaves()
        assert server.gate.count == 0

    run(story())


def test_a_bug_in_one_connection_keeps_goodbye_from_nobody_else(
    run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = Connection.leave

    async def story() -> None:
        server = im_final.Server(port=0)
        await server.start()
        alice, bob, carol = [await visitor(server) for _ in range(3)]
        await until(lambda: len(server.online_map) == 3)

        def leave(one: Connection, *arguments: Any) -> None:
            if one.addr == bob.addr and arguments[0] == "shutdown":
                raise LookupError("of a bug")
            real(one, *arguments)

        monkeypatch.setattr(Connection, "leave", leave)
        async with asyncio.timeout(PATIENCE):
            await server.stop()
        for person in (alice, carol):
            await person.reads_on_until(phrases.CLOSING)
        for person in (alice, bob, carol):
            await person.leaves()
        assert not server.connections
        assert caplog.text.count("LookupError: of a bug") == 1

    run(story())


def test_a_bug_in_one_connection_keeps_the_sweep_from_nobody_else(
    run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = Connection.check

    async def story() -> None:
        clock = Clock()
        async with open_room(idle_timeout=10, clock=lambda: clock.now) as room:
            alice, bob = await room.joins("alice"), await room.joins("bob")
            buggy = room.connection(alice.addr)

            def check(one: Connection, now: float) -> None:
                if one is buggy:
                    raise LookupError("of a bug")
                real(one, now)

            monkeypatch.setattr(Connection, "check", check)
            clock.advance(10)
            room.server.sweep()
            await bob.reads_on_until(phrases.KICKED)
            await until(lambda: buggy not in room.server.connections)
            assert "LookupError: of a bug" in caplog.text

    run(story())


def test_a_server_that_was_stopped_can_be_started_again(run: Run) -> None:
    async def story() -> None:
        server = im_final.Server(port=0)
        for _ in range(2):
            async with server:
                alice = await visitor(server)
                await alice.reads(alice.line(phrases.ONLINE))
                alice.says("hello")
                await alice.reads(alice.line("hello"))
                await alice.leaves()

    run(story())


def test_two_hundred_come_and_go_twenty_times_and_nothing_is_left(run: Run) -> None:
    async def visit(server: im_final.Server) -> None:
        crowd = [socket.create_connection((server.host, server.port)) for _ in range(CROWD)]
        await until(lambda: len(server.online_map) == CROWD)
        for number, sock in enumerate(crowd):
            sock.sendall(f"rename|guest{number}\nto|guest0|hi\nwho\n".encode())
        before = server.counts.lines_in
        await until(lambda: server.counts.lines_in == before + 3 * CROWD)
        for number, sock in enumerate(crowd):
            if number % 3 == 0:
                sock.shutdown(socket.SHUT_WR)
            elif number % 3 == 1:
                reset_on_close(sock)
                sock.close()
        for sock in crowd:
            sock.close()
        await until(lambda: not server.connections and not server.fanout.called)

    async def story() -> None:
        async with im_final.Server(port=0) as server:
            for _ in range(3):
                await visit(server)
            tasks, used = len(asyncio.all_tasks()), memory_blocks()
            for _ in range(VISITS - 3):
                await visit(server)
            assert memory_blocks() - used < CROWD
            assert len(asyncio.all_tasks()) == tasks
            assert server.gate.count == 0
            assert not server.gate.by_household
            assert not server.arriving
            assert server.statistics().connections == 0

    run(story())


def memory_blocks() -> int:
    """How many pieces of memory Python has in use."""
    gc.collect()
    return sys.getallocatedblocks()


# In a notebook.


def test_it_opens_in_a_room_of_the_lab() -> None:
    with LabRoom(im_final.Server, idle_timeout=60.0) as room:
        alice, bob = room.join("alice", "bob")
        alice.send("hello")
        assert alice.read() == bob.read() == "[127.0.0.1:alice]127.0.0.1:alice:hello"
        assert room.roster() == ["127.0.0.1:alice", "127.0.0.1:bob"]
        assert not room.untold_trouble()
