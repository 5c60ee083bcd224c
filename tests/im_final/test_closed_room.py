"""A closed room: the first line is the password; until then one sees nothing and is not seen."""

from pathlib import Path

import pytest

from im_final import phrases
from im_final.password import ATTEMPTS
from tests.im_final import conftest
from tests.im_final.certificates import Certificate
from tests.im_final.rooms import open_room
from tests.stages.clock import Clock
from tests.stages.people import Person
from tests.stages.turns import until

SESAME = "芝麻 open"
HANDSHAKE = 10.0


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """The file with the password."""
    path = tmp_path / "password"
    path.write_text(f"{SESAME}\nmore lines are of no use\n", encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _mistakes_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("im_final.hearing.PAUSE", 0.05)


def changes(file: Path, text: str) -> None:
    """Write a file anew."""
    file.write_text(text, encoding="utf-8")


async def comes_in(person: Person) -> None:
    """Say the password, and be in."""
    person.says(SESAME)
    await person.reads(person.line(phrases.ONLINE))


def test_who_knows_the_password_is_in(run: conftest.Run, secret: Path) -> None:
    async def story() -> None:
        async with open_room(password_file=str(secret)) as room:
            alice, bob = await room.connects(), await room.connects()
            await comes_in(alice)
            bob.sends(f"{SESAME}\r\nhello\nwho\n".encode())
            await bob.reads(bob.line(phrases.ONLINE), bob.line("hello"))
            await alice.reads(bob.line(phrases.ONLINE), bob.line("hello"))
            await bob.reads(*[phrases.IS_ONLINE.format(name=p.addr) for p in (alice, bob)])

    run(story())


def test_a_file_and_a_client_of_windows_know_the_same_password(
    run: conftest.Run, secret: Path
) -> None:
    secret.write_text(f"{SESAME}\r\n", encoding="utf-8-sig")

    async def story() -> None:
        async with open_room(password_file=str(secret)) as room:
            plain, marked = await room.connects(), await room.connects()
            await comes_in(plain)
            marked.sends(f"\ufeff{SESAME}\r\n".encode())
            await marked.reads(marked.line(phrases.ONLINE))

    run(story())


def test_until_then_one_sees_nothing_and_is_seen_by_nobody(run: conftest.Run, secret: Path) -> None:
    async def story() -> None:
        clock = Clock()
        async with open_room(password_file=str(secret), clock=lambda: clock.now) as room:
            guest, alice = await room.connects(), await room.connects()
            await comes_in(alice)
            alice.says("psst", f"to|{guest.addr}|psst", "who")
            await alice.reads(
                alice.line("psst"),
                phrases.PRIVATE_NO_TARGET,
                phrases.IS_ONLINE.format(name=alice.addr),
            )
            assert room.server.statistics().users == 1
            assert len(room.server.connections) == 2
            assert list(room.server.online_map) == [alice.addr]
            assert room.connection(guest.addr).outbox.owed == 0
            guest.ends_input()
            await guest.reads_the_end()
            alice.says("to|nobody|x")
            await alice.reads(phrases.PRIVATE_NO_TARGET)  # And of no departure.

    run(story())


def test_the_password_may_come_byte_by_byte(run: conftest.Run, secret: Path) -> None:
    async def story() -> None:
        async with open_room(password_file=str(secret)) as room:
            guest = await room.connects()
            for byte in f"{SESAME}\n".encode():
                before = room.counts().bytes_in
                guest.sends(bytes([byte]))
                await until(lambda before=before: room.counts().bytes_in == before + 1)
            await guest.reads(guest.line(phrases.ONLINE))

    run(story())


def test_wrong_passwords_are_limited_and_cost_time(run: conftest.Run, secret: Path) -> None:
    async def story() -> None:
        async with open_room(password_file=str(secret)) as room:
            guest, other = await room.connects(), await room.connects()
            guest.says(*["wrong"] * (ATTEMPTS + 2), SESAME)
            await guest.reads_the_end(
                *[phrases.TRY_AGAIN] * (ATTEMPTS - 1), phrases.TRIED_TOO_OFTEN
            )
            assert room.counts().departures == {"password": 1}
            other.says("", SESAME.upper(), SESAME, "hello")
            await other.reads(*[phrases.TRY_AGAIN] * 2, other.line(phrases.ONLINE))
            await other.reads(other.line("hello"))

    run(story())


def test_a_wrong_password_moves_no_deadline(run: conftest.Run, secret: Path) -> None:
    async def story() -> None:
        clock = Clock()
        async with open_room(password_file=str(secret), clock=lambda: clock.now) as room:
            guest = await room.connects()
            await until(lambda: room.server.connections)
            clock.now += 9
            guest.says("wrong")
            await guest.reads(phrases.TRY_AGAIN)
            clock.now += 1
            room.server.sweep()
            await guest.reads_the_end(phrases.TRIED_TOO_LATE)

    run(story())


def test_a_second_try_has_to_wait(
    run: conftest.Run, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("im_final.hearing.PAUSE", 1.0)

    async def story() -> None:
        async with open_room(password_file=str(secret)) as room:
            guest = await room.connects()
            guest.says("wrong", SESAME)
            await guest.reads(phrases.TRY_AGAIN)
            connection = room.connection(guest.addr)
            assert connection.held
            assert connection.due
            assert connection.user is None

    run(story())


def test_who_says_nothing_in_time_is_shown_out(run: conftest.Run, secret: Path) -> None:
    async def story() -> None:
        clock = Clock()
        async with open_room(password_file=str(secret), clock=lambda: clock.now) as room:
            guest, alice = await room.connects(), await room.connects()
            await comes_in(alice)
            await until(lambda: len(room.server.connections) == 2)
            clock.advance(HANDSHAKE - 1)
            guest.sends(SESAME.encode())  # Half a line.
            await until(lambda: bool(room.connection(guest.addr).lines.rest))
            room.server.sweep()
            assert len(room.server.connections) == 2
            clock.advance(1)
            room.server.sweep()
            await guest.reads_the_end(phrases.TRIED_TOO_LATE)
            alice.says("to|nobody|x")
            await alice.reads(phrases.PRIVATE_NO_TARGET)

    run(story())


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"x" * 5000, phrases.TOO_LONG),
        (b"\xff\n", phrases.TRY_AGAIN),
        (b"who\n", phrases.TRY_AGAIN),
    ],
    ids=["long", "not utf-8", "a command"],
)
def test_a_guest_gets_nothing_but_an_answer(
    run: conftest.Run, secret: Path, sent: bytes, told: str
) -> None:
    async def story() -> None:
        async with open_room(password_file=str(secret)) as room:
            guest = await room.connects()
            guest.sends(sent)
            await guest.reads(told)
            assert not room.server.online_map

    run(story())


def test_over_tls_it_is_the_same(run: conftest.Run, secret: Path, certificate: Certificate) -> None:
    async def story() -> None:
        options = {**certificate.options, "password_file": str(secret)}
        async with open_room(tls=certificate.client(), **options) as room:
            alice, guest = await room.connects(), await room.connects()
            await comes_in(alice)
            guest.says("wrong")
            await guest.reads(phrases.TRY_AGAIN)
            assert list(room.server.online_map) == [alice.addr]

    run(story())


def test_a_new_password_is_for_those_who_come(run: conftest.Run, secret: Path) -> None:
    async def story() -> None:
        async with open_room(password_file=str(secret)) as room:
            alice = await room.connects()
            await comes_in(alice)
            changes(secret, "another\n")
            room.server.reload()
            bob, carol = await room.connects(), await room.connects()
            bob.says(SESAME)
            await bob.reads(phrases.TRY_AGAIN)
            carol.says("another")
            await carol.reads(carol.line(phrases.ONLINE))
            await alice.reads(carol.line(phrases.ONLINE))
            changes(secret, "\n")
            with pytest.raises(ValueError, match="is empty; it must be the password"):
                room.server.reload()
            dave = await room.connects()
            dave.says("another")
            await dave.reads(dave.line(phrases.ONLINE))

    run(story())
