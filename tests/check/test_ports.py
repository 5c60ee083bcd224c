"""The port of a program that is checked: its own, from before it begins until it has ended."""

import socket
from typing import Any

import pytest

from stages.check import program as watched
from stages.check import resources
from stages.check.program import CannotStart, free_port
from tests.check.programs import FOREVER, LISTEN, ON_LINUX, Start
from tests.check.wire import LONG, SHORT


def test_a_free_port_can_be_listened_on() -> None:
    with socket.create_server(("127.0.0.1", free_port())):
        pass


def test_a_port_that_was_given_away_is_given_to_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = free_port()
    asked = []

    class Sock(socket.socket):
        """The system thinks of the very same port first."""

        def bind(self, address: Any) -> None:
            if self.type == socket.SOCK_STREAM:
                asked.append(address)
                address = ("127.0.0.1", mine if len(asked) == 1 else 0)
            super().bind(address)

    monkeypatch.setattr(socket, "socket", Sock)
    assert free_port() != mine
    assert len(asked) == 2


def test_a_program_whose_port_was_taken_meanwhile_gets_another(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        ports = iter([taken, taken, free_port()])
        monkeypatch.setattr(watched, "lease_port", lambda: (next(ports), None))
        program = start("import time", LISTEN, "time.sleep(0.1)", FOREVER)
        program.wait_until_listening(LONG)
        assert program.port != taken
        assert resources.listens(program.process.pid, program.port)
        assert not resources.listens(program.process.pid, taken)


@ON_LINUX
def test_who_listens_where_it_cannot_be_seen_is_believed_after_a_while(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "STRANGE", SHORT)
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        monkeypatch.setattr(watched, "lease_port", lambda: (elsewhere.getsockname()[1], None))
        program = start("import time; time.sleep(600)")
        program.wait_until_listening(SHORT)
        assert program.wait_end(0) is None


def test_a_port_is_kept_from_others_until_the_program_has_ended(start: Start) -> None:
    program = start(LISTEN, FOREVER)
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", program.port))
        program.stop()
        other.bind(("127.0.0.1", program.port))


@ON_LINUX
def test_one_that_has_ended_listens_to_nothing(start: Start) -> None:
    program = start("pass")
    assert program.wait_end(LONG) == 0
    assert list(resources.opened_by(program.process.pid)) == []
    assert not resources.listens(program.process.pid, program.port)


def test_another_on_the_same_port_does_not_move(start: Start) -> None:
    program = start(LISTEN, FOREVER)
    program.wait_until_listening(LONG)
    another = program.start_another_on_the_same_port()
    try:
        assert another.wait_end(LONG) == 1
        with pytest.raises(CannotStart, match=r"the server ended at once.*in use"):
            another.wait_until_listening(LONG)
    finally:
        another.stop()
