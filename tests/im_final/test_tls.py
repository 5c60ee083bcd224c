"""TLS: the same chat, for those who speak it, and soon the end for those who do not."""

import asyncio
import contextlib
import socket
import ssl
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from im_final import connection as connection_module
from im_final import phrases
from im_final import server as server_module
from tests.im_final.certificates import Certificate, make_certificate
from tests.im_final.conftest import Run
from tests.im_final.rooms import CHUNK, Room, open_room
from tests.stages.clock import Clock
from tests.stages.people import Person
from tests.stages.turns import PATIENCE, until

STALL = 10.0
TEXT = "x" * 1000


class Raw:
    """A TLS client of our own, bytes and all: `ends_input` closes its side and no other."""

    def __init__(self, room: Room, context: ssl.SSLContext) -> None:
        self.room = room
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")

    async def connects(self) -> None:
        """Shake hands, but keep the last of it to ourselves, to be sent with what comes next."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.room.server.port)
        self.addr = "{}:{}".format(*self.writer.get_extra_info("sockname"))
        while True:
            with contextlib.suppress(ssl.SSLWantReadError):
                return self.tls.do_handshake()
            self.writer.write(self.outgoing.read())
            self.incoming.write(await self.reader.read(CHUNK))

    def sends(self, data: bytes) -> None:
        """Send this."""
        self.tls.write(data)
        self.writer.write(self.outgoing.read())

    def says_and_ends(self, data: bytes, *, also_below: bool) -> None:
        """Send this and the end of the input in one piece; `also_below` TLS, for TCP."""
        self.tls.write(data)
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.unwrap()
        self.writer.write(self.outgoing.read())
        if also_below:
            self.writer.write_eof()

    async def reads_to_the_end(self) -> list[str]:
        """All lines, until the server has ended its side."""
        text = b""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    text += self.tls.read(CHUNK)
                except ssl.SSLWantReadError:
                    more = await self.reader.read(CHUNK)
                    assert more, "it was cut off, not ended"
                    self.incoming.write(more)
                except ssl.SSLZeroReturnError:
                    break
        self.writer.close()
        assert text.endswith(b"\n")
        return text.decode().split("\n")[:-1]


def changes(file: Path, text: str) -> None:
    """Write a file anew."""
    file.write_text(text, encoding="utf-8")


@contextlib.asynccontextmanager
async def plain_to_tls(room: Room) -> AsyncIterator[Person]:
    """Somebody who connects without TLS, and is no user."""
    streams = await asyncio.open_connection("127.0.0.1", room.server.port)
    person = Person(*streams)
    yield person
    await person.leaves()


def test_the_chat_is_the_same(run: Run, certificate: Certificate) -> None:
    async def story() -> None:
        async with open_room(tls=certificate.client(), **certificate.options) as room:
            alice, bob = await room.joins("alice"), await room.joins("bob")
            assert alice.writer.get_extra_info("ssl_object").version() == "TLSv1.3"
            bob.says("你好呀", "to|alice|psst", "who")
            await alice.reads(bob.line("你好呀"), phrases.PRIVATE.format(sender="bob", text="psst"))
            await bob.reads(
                bob.line("你好呀"), *[phrases.IS_ONLINE.format(name=n) for n in ("alice", "bob")]
            )
            await bob.leaves()
            await alice.reads(bob.line(phrases.OFFLINE))
            bob = await room.joins("bob")
            await bob.vanishes()
            await alice.reads(bob.line(phrases.OFFLINE))

    run(story())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_versions_before_1_2_are_refused(
    run: Run, certificate: Certificate, version: ssl.TLSVersion
) -> None:
    async def story() -> None:
        old = certificate.client()
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            old.minimum_version = old.maximum_version = version
        old.set_ciphers("ALL:@SECLEVEL=0")
        async with open_room(tls=old, **certificate.options) as room:
            with pytest.raises((ssl.SSLError, ConnectionResetError)):
                await room.connects()
            await until(lambda: room.counts().refusals["handshake"] == 1)
            assert not room.server.online_map

    run(story())


def test_tls_1_2_is_welcome(run: Run, certificate: Certificate) -> None:
    async def story() -> None:
        context = certificate.client()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        async with open_room(tls=context, **certificate.options) as room:
            alice = await room.joins("alice")
            alice.says("hello")
            await alice.reads(alice.line("hello"))

    run(story())


def test_plain_text_to_the_tls_port_is_closed_and_not_said(
    run: Run, certificate: Certificate
) -> None:
    async def story() -> None:
        async with open_room(tls=certificate.client(), **certificate.options) as room:
            alice = await room.joins()
            async with plain_to_tls(room) as stranger:
                stranger.says("who", "hello", "x" * 100)
                with contextlib.suppress(ConnectionError):
                    async with asyncio.timeout(PATIENCE):
                        assert phrases.ONLINE.encode() not in await stranger.reader.read()
            alice.says("who")
            await alice.reads(phrases.IS_ONLINE.format(name=alice.addr))
            await until(lambda: room.server.gate.count == 1)
            assert room.counts().refusals == {"handshake": 1}

    run(story())


def test_a_handshake_has_so_long_and_no_longer(run: Run, certificate: Certificate) -> None:
    async def story() -> None:
        options = {**certificate.options, "handshake_timeout": 0.2}
        async with open_room(tls=certificate.client(), **options) as room:
            async with plain_to_tls(room) as silent, plain_to_tls(room) as slow:
                slow.sends(b"\x16\x03\x01")
                for person in (silent, slow):
                    with contextlib.suppress(ConnectionError):
                        async with asyncio.timeout(PATIENCE):
                            assert await person.reader.read() == b""
            await until(lambda: room.server.gate.count == 0)
            assert room.counts().refusals == {"handshake": 2}
            assert not room.server.arriving

    run(story())


def test_one_who_is_refused_is_told_so_over_tls(run: Run, certificate: Certificate) -> None:
    async def story() -> None:
        options = {**certificate.options, "max_connections": 1}
        async with open_room(tls=certificate.client(), **options) as room:
            await room.joins()
            refused = await room.connects()
            await refused.reads_the_end(phrases.FULL)

    run(story())


def test_few_are_told_over_tls_why_they_are_refused_and_the_rest_cost_no_handshake(
    run: Run, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "TLS_REFUSALS", (2, 5.0))

    async def story() -> None:
        clock = Clock()
        options = {**certificate.options, "max_connections": 1, "clock": lambda: clock.now}
        async with open_room(tls=certificate.client(), **options) as room:
            await room.joins()
            for _ in range(2):
                await (await room.connects()).reads_the_end(phrases.FULL)
            with pytest.raises(ConnectionError):
                await room.connects()
            clock.advance(0.2)
            await (await room.connects()).reads_the_end(phrases.FULL)
            with pytest.raises(ConnectionError):
                await room.connects()
            assert room.counts().refusals == {"full": 5}

    run(story())


def test_a_slow_reader_is_given_its_last_bytes_as_long_as_without_tls(
    run: Run, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (server_module, connection_module):
        monkeypatch.setattr(module, "LINGER", 0.1)

    async def story() -> None:
        options = {**certificate.options, "drain": PATIENCE}
        async with open_room(tls=certificate.client(), **options) as room:
            alice = await room.joins()
            mallory = await room.joins_slowly("", alice)
            for _ in range(40):
                alice.says(TEXT)
                await alice.reads(alice.line(TEXT))
            stopping = asyncio.create_task(room.server.stop())
            await alice.reads_the_end(phrases.CLOSING)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await room.server.emptied.wait()
            await mallory.reads_the_end(*[alice.line(TEXT)] * 40, phrases.CLOSING)
            await stopping

    run(story())


def test_a_browser_at_the_tls_port_is_answered_in_its_own_language(
    run: Run, certificate: Certificate
) -> None:
    async def story() -> None:
        async with open_room(tls=certificate.client(), **certificate.options) as room:
            alice, browser = await room.joins(), await room.joins()
            browser.sends(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            async with asyncio.timeout(PATIENCE):
                assert (await browser.reader.read()).startswith(b"HTTP/1.1 400 ")
            await alice.reads(browser.line(phrases.OFFLINE))

    run(story())


@pytest.mark.parametrize("also_below", [False, True], ids=["tls only", "tcp too"])
@pytest.mark.parametrize("at_once", [False, True], ids=["later", "with the handshake"])
def test_lines_before_the_end_of_the_input_are_answered(
    run: Run, certificate: Certificate, also_below: bool, at_once: bool
) -> None:
    async def story() -> None:
        async with open_room(tls=certificate.client(), **certificate.options) as room:
            alice = await room.joins("alice")
            visitor = Raw(room, certificate.client())
            await visitor.connects()
            if not at_once:
                visitor.sends(b"")
                await until(lambda: visitor.addr in room.server.online_map)
            visitor.says_and_ends(b"rename|bob\nhello\nwho\nbye", also_below=also_below)
            lines = await visitor.reads_to_the_end()
            assert lines[-2:] == [
                phrases.IS_ONLINE.format(name="bob"),
                lines[2].replace("hello", "bye"),
            ]
            hello = phrases.SAID.format(addr=visitor.addr, name="bob", text="hello")
            assert lines[2] == hello
            await alice.reads_on_until(hello)
            await alice.reads(
                hello.replace("hello", "bye"), hello.replace("hello", phrases.OFFLINE)
            )

    run(story())


def test_lines_that_wait_for_readers_are_heard_when_the_input_ends(
    run: Run, certificate: Certificate
) -> None:
    async def story() -> None:
        async with open_room(tls=certificate.client(), **certificate.options) as room:
            alice, bob = await room.joins(), await room.joins()
            fanout = room.server.fanout
            fanout.share = 1
            fanout.blocked[room.connection(alice.addr)] = None  # As if it took nothing now.
            bob.says(*[f"line {number}" for number in range(20)])
            connection = room.connection(bob.addr)
            await until(lambda: connection.held)
            assert not connection.eof_received()
            connection.transport.close()  # As asyncio does then.
            await alice.reads(*[bob.line(f"line {number}") for number in range(20)])

    run(story())


def test_what_comes_faster_than_the_pace_is_heard_later_and_nothing_is_lost(
    run: Run, certificate: Certificate
) -> None:
    """TLS may have read what must wait, and has it in a buffer of its own."""

    async def story() -> None:
        options = {**certificate.options, "exempt": (), "flood_burst": 3, "flood_rate": 2000.0}
        async with open_room(tls=certificate.client(), **options) as room:
            alice, flooder = await room.joins(), await room.joins()
            said = [f"{number} " + "x" * 200 for number in range(300)]
            flooder.sends(b"\xff\xf1" * 1000)
            flooder.says(*said)
            await alice.reads(*[flooder.line(text) for text in said])

    run(story())


def test_a_stalled_reader_is_dropped_by_bytes_and_by_time(
    run: Run, certificate: Certificate
) -> None:
    async def story() -> None:
        clock = Clock()
        options = {**certificate.options, "max_stall": STALL, "clock": lambda: clock.now}
        async with open_room(
            tls=certificate.client(), max_backlog=2**17, exempt=("127.0.0.0/8",), **options
        ) as room:
            alice = await room.joins()
            for reason in ("stall", "backlog"):
                alice.says("next")
                await alice.reads_on_until(alice.line("next"))
                mallory = await room.joins_slowly("", alice)
                connection = room.connection(mallory.addr)
                while not connection.leaving:
                    alice.says(TEXT)
                    await alice.reads_on_until(alice.line(TEXT))
                    if reason == "stall" and connection.outbox.owed > CHUNK:
                        room.server.sweep()
                        clock.advance(STALL)
                        room.server.sweep()
                assert room.counts().departures[reason] == 1
                await until(lambda connection=connection: connection not in room.server.connections)

    run(story())


def test_a_new_certificate_is_for_those_who_come_and_disturbs_nobody_who_is_here(
    run: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("renewed")
    used, newer = make_certificate(folder, "used"), make_certificate(folder, "newer")

    async def story() -> None:
        async with open_room(tls=used.client(), **used.options) as room:
            alice = await room.joins()
            newer.replaces(used)
            room.server.reload()
            with pytest.raises(ssl.SSLCertVerificationError):
                await room.connects()
            room.tls = newer.client()
            bob = await room.joins()
            bob.says("hello")
            for person in (alice, bob):
                await person.reads(bob.line("hello"))
            changes(used.cert, "nonsense")
            with pytest.raises(ValueError, match="no certificate and key in"):
                room.server.reload()
            await room.joins()

    run(story())


def test_a_handshake_under_way_does_not_keep_the_server_from_ending(
    run: Run, certificate: Certificate
) -> None:
    async def story() -> None:
        async with open_room(tls=certificate.client(), **certificate.options) as room:
            sock = socket.create_connection(("127.0.0.1", room.server.port))
            await until(lambda: bool(room.server.arriving))
            async with asyncio.timeout(PATIENCE):
                await room.server.stop()
            assert room.server.gate.count == 0
            sock.close()

    run(story())
