"""The classes as a notebook uses them: start, stop, start again, and not a word printed."""

import asyncio
import importlib
import signal
import socket
from collections.abc import Iterator
from typing import Any
from unittest.mock import create_autospec

import pytest

from stages import command, phrases
from tests.stages.turns import PATIENCE, until

every_stage = pytest.mark.parametrize("stage", range(1, 9))


def server_of(stage: int, **options: Any) -> Any:
    """A server of any stage, the first included."""
    return importlib.import_module(f"stages.stage{stage}").Server(**options)


async def connect(server: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(server.host, server.port)


@every_stage
def test_it_starts_and_stops_and_prints_nothing(
    stage: int, capfd: pytest.CaptureFixture[str]
) -> None:
    async def story() -> None:
        server = server_of(stage, port=0)
        await server.start()
        assert server.port > 0
        _, writer = await connect(server)
        writer.write(b"hello\nwho\n\xff\nto|\nhalf a li")
        await until(lambda: len(server.tasks) == 1)
        await server.stop()
        assert not server.tasks
        writer.close()

    asyncio.run(story())
    assert capfd.readouterr() == ("", "")


@every_stage
def test_many_are_connected_when_it_stops(stage: int) -> None:
    async def story() -> None:
        server = server_of(stage, port=0)
        await server.start()
        before = len(asyncio.all_tasks())
        people = [await connect(server) for _ in range(20)]
        async with asyncio.timeout(PATIENCE):
            await server.stop()
            for reader, writer in people:
                await reader.read()
                writer.close()
        assert len(asyncio.all_tasks()) == before
        assert not getattr(server, "online_map", {})

    asyncio.run(story())


@every_stage
def test_who_is_accepted_in_the_moment_of_the_end_is_closed_too(stage: int) -> None:
    async def story() -> None:
        server = server_of(stage, port=0)
        await server.start()
        writer = create_autospec(asyncio.StreamWriter, instance=True)
        writer.get_extra_info.return_value = ("192.0.2.1", 1)
        server.accept(asyncio.StreamReader(), writer)
        await server.stop()
        writer.close.assert_called_once()
        assert not server.tasks

    asyncio.run(story())


@every_stage
def test_the_port_is_free_when_it_has_stopped(stage: int) -> None:
    async def story() -> None:
        first = server_of(stage, port=0)
        await first.start()
        reader, writer = await connect(first)
        await until(lambda: bool(first.tasks))
        await first.stop()
        await reader.read()
        second = server_of(stage, port=first.port)
        await second.start()
        writer.close()
        await second.stop()

    asyncio.run(story())


@every_stage
def test_a_port_that_is_taken_is_an_oserror(stage: int) -> None:
    async def story(port: int) -> None:
        with pytest.raises(OSError, match="address already in use"):
            await server_of(stage, port=port).start()

    with socket.create_server(("127.0.0.1", 0)) as owner:
        asyncio.run(story(owner.getsockname()[1]))


@every_stage
def test_two_servers_of_a_stage_know_nothing_of_each_other(stage: int) -> None:
    async def story() -> None:
        one, other = server_of(stage, port=0), server_of(stage, port=0)
        await one.start()
        await other.start()
        _, writer = await connect(one)
        await until(lambda: len(one.tasks) == 1)
        assert not other.tasks
        await one.stop()
        _, writer_of_other = await connect(other)
        await until(lambda: len(other.tasks) == 1)
        await other.stop()
        writer.close()
        writer_of_other.close()

    asyncio.run(story())


@every_stage
def test_it_listens_on_ipv6(stage: int) -> None:
    if not socket.has_ipv6:
        pytest.skip("this system has no IPv6")

    async def story() -> None:
        server = server_of(stage, host="::1", port=0)
        await server.start()
        reader, writer = await connect(server)
        addr = "::1:{}".format(writer.get_extra_info("sockname")[1])
        if stage >= 2:
            line = phrases.SAID.format(addr=addr, name=addr, text=phrases.ONLINE)
            assert await reader.readline() == f"{line}\n".encode()
        writer.close()
        await until(lambda: not server.tasks)
        await server.stop()

    asyncio.run(story())


@pytest.fixture
def signals() -> Iterator[None]:
    """The program's handlers of signals are its own only as long as the test."""
    before = {number: signal.getsignal(number) for number in command.STOP}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("stage", range(2, 9))
def test_who_connects_in_the_moment_of_the_end_is_heard_and_ended(stage: int) -> None:
    """On 3.13.0, asyncio's server broke when it was closed with somebody at its door."""

    async def story() -> None:
        errors: list[Any] = []
        server = server_of(stage, port=0)
        program = asyncio.create_task(command.run(server, "127.0.0.1", 0))
        await until(lambda: server.port)
        asyncio.get_running_loop().set_exception_handler(lambda _, error: errors.append(error))
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as late:
            signal.raise_signal(signal.SIGTERM)  # Nobody has accepted the connection yet.
            assert await program is None
            with late.makefile(encoding="utf-8") as lines:
                assert phrases.ONLINE in lines.readline()
                assert lines.read() == ""
        assert not errors

    asyncio.run(story())
