"""Where the server is: at an address, in which nobody else may be, or in a command, once started.

The servers here are the stages themselves.
"""

import sys
from collections.abc import Callable, Iterator

import pytest

from stages.check import target as watched
from stages.check.program import CannotStart, Program
from stages.check.target import LONG_IDLE, SHORT_IDLE, Address, Command
from tests.check.wire import LONG, SHORT, Accept, nobody_listens, received, serving, talk_for_ever

STAGE_1 = (sys.executable, "-m", "stages.stage1", "--port", "{port}")
STAGE_8 = (sys.executable, "-m", "stages.stage8", "--port", "{port}", "--idle-timeout", "{idle}")


@pytest.fixture
def command() -> Iterator[Command]:
    """Stage 1, started when it is needed and ended in any case."""
    target = Command(STAGE_1)
    yield target
    target.close()


def test_checks_share_a_process_as_long_as_it_is_none_the_worse(command: Command) -> None:
    first = command.open("shared", 1)
    command.close_room(first, reusable=True)
    second = command.open("shared", 1)
    assert second.program is first.program
    command.close_room(second, reusable=False)
    third = command.open("shared", 1)
    assert third.program is not first.program
    assert first.own_program().wait_end(0) is not None


def test_who_looks_whether_it_listens_has_the_patience_of_the_checks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patience: list[float] = []
    monkeypatch.setattr(Program, "wait_until_listening", lambda _, given: patience.append(given))
    target = Command(STAGE_1, patience=LONG)
    try:
        target.open("idle", 1)
    finally:
        target.close()
    assert patience == [LONG]


def test_a_fresh_process_is_for_one_check(command: Command) -> None:
    shared = command.open("shared", 1)
    fresh = command.open("fresh", 1)
    assert fresh.program is not shared.program
    command.close_room(fresh, reusable=True)
    assert fresh.own_program().wait_end(0) is not None
    assert shared.own_program().wait_end(0) is None


def test_a_process_that_has_died_is_replaced(command: Command) -> None:
    first = command.open("shared", 1)
    first.own_program().stop()
    assert command.open("shared", 1).program is not first.program


def test_all_processes_end_with_the_target() -> None:
    target = Command(STAGE_1)
    programs = [target.open(kind, 1).own_program() for kind in ("shared", "fresh")]
    target.close()
    assert all(program.wait_end(0) is not None for program in programs)


def test_only_the_checks_of_the_limit_have_a_short_one() -> None:
    target = Command(STAGE_8)
    try:
        shared, idle = target.open("shared", 8), target.open("idle", 8)
        assert (shared.idle, idle.idle) == (LONG_IDLE, SHORT_IDLE["idle"])
        assert idle.patience == shared.patience + SHORT_IDLE["idle"]
        assert shared.own_program().command == STAGE_8
    finally:
        target.close()


def test_a_command_without_a_limit_has_the_one_that_was_told() -> None:
    target = Command(STAGE_1, idle=7)
    try:
        assert target.open("idle", 8).idle == 7
        assert target.open("shared", 8).idle == 7
    finally:
        target.close()


def test_a_room_at_an_address_knows_no_process() -> None:
    target = Address(*nobody_listens(), idle=10, patience=3)
    shared, idle = target.open("shared", 4), target.open("idle", 4)
    assert (shared.program, shared.patience, idle.patience) == (None, 3, 13)


def answer(*names: str) -> bytes:
    """What a server says to `who`."""
    return "".join(f"[{name}] is online\n" for name in names).encode()


@pytest.mark.parametrize(
    "words",
    [
        b"[127.0.0.1:1]127.0.0.1:1:\xe5\xb7\xb2\xe4\xb8\x8a\xe7\xba\xbf\n" + answer("127.0.0.1:1"),
        b"",  # It does not answer: the checks will say so.
        b"[127.0.0.1:1] is online",  # Nor does it end the line.
    ],
    ids=["nobody but us", "no answer", "no newline"],
)
def test_an_empty_room_is_fine(words: bytes) -> None:
    with serving(saying(words)) as address:
        room = Address(*address, idle=10, patience=LONG).open("shared", 5)
    assert len(room.visitors) == 1  # The one who asked.


def saying(*answers: bytes) -> Callable[[Accept], None]:
    """A server that says these to one after another who asks who is online."""

    def server(accept: Accept) -> None:
        for words in answers:
            asker = accept()
            assert received(asker) == b"who\n"
            asker.sendall(words)
            asker.close()

    return server


def test_others_in_the_room_are_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "OTHERS", SHORT * 2)  # So they are asked for twice in that time.
    with (
        serving(saying(*[answer("bob", "张三", "127.0.0.1:1")] * 2)) as address,
        pytest.raises(CannotStart, match=r"somebody is online \(2\); the checks need an empty"),
    ):
        Address(*address, idle=10, patience=SHORT).open("shared", 5)


def test_those_who_are_just_leaving_are_waited_for() -> None:
    with serving(saying(answer("bob", "127.0.0.1:1"), answer("127.0.0.1:2"))) as address:
        room = Address(*address, idle=10, patience=LONG).open("shared", 5)
    assert len(room.visitors) == 2


def test_before_every_check_the_room_is_empty() -> None:
    alone = answer("127.0.0.1:1")
    with serving(saying(alone, answer("bob", "127.0.0.1:1"), alone)) as address:
        target = Address(*address, idle=10, patience=LONG)
        target.open("shared", 5)
        room = target.open("shared", 5)
    assert len(room.visitors) == 3


def test_a_process_that_somebody_never_leaves_is_replaced() -> None:
    ghost = (
        "import socket, sys",
        "listener = socket.create_server(('127.0.0.1', int(sys.argv[1])))",
        "while True:",
        "    person = listener.accept()[0]",
        "    if person.recv(100): person.sendall(b'[me] is online\\n[ghost] is online\\n')",
        "    person.close()",
    )
    target = Command([sys.executable, "-c", "\n".join(ghost), "{port}"], patience=SHORT)
    try:
        first = target.open("shared", 4)
        assert target.open("shared", 4).program is first.program
        assert target.open("shared", 5).program is not first.program
    finally:
        target.close()


def test_who_talks_for_ever_when_asked_does_not_hold_us() -> None:
    def server(accept: Accept) -> None:
        asker = accept()
        with pytest.raises(ConnectionError):
            talk_for_ever(asker)

    with serving(server) as address:
        Address(*address, idle=10, patience=0.2).open("shared", 5)


def test_before_there_is_who_nobody_is_asked() -> None:
    with serving(lambda accept: None) as address:  # noqa: ARG005 - nobody comes
        Address(*address, idle=10).open("shared", 4)
