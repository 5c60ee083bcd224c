"""The people of a check: they join, all read the same, and nobody is forgotten."""

import socket
import threading

import pytest

from stages import phrases
from stages.check.failure import Failure, Skip
from stages.check.room import Room, highest_port_first
from tests.check.wire import (
    LONG,
    SHORT,
    Accept,
    about,
    nobody_listens,
    received,
    serving,
    talk_for_ever,
)


def room_at(address: tuple[str, int], patience: float = LONG) -> Room:
    return Room(address, stage=3, idle=60, patience=patience)


def let_in(accept: Accept, count: int) -> list[socket.socket]:
    """Do what a stage does when people join."""
    people = []
    for _ in range(count):
        people.append(accept())
        for person in people:
            person.sendall(about(people[-1], phrases.ONLINE))
    return people


def test_everyone_reads_the_join_line_of_everyone() -> None:
    def server(accept: Accept) -> None:
        alice, bob = let_in(accept, 2)
        text = alice.recv(100).decode().rstrip("\n")
        for person in (alice, bob):
            person.sendall(about(alice, text))
        received(alice)
        received(bob)

    with serving(server) as address:
        room = room_at(address)
        alice, bob = room.join("alice", "bob")
        assert room.online == room.everybody == [alice, bob]
        room.nothing_else(alice)
        for person in room.everybody:
            person.half_close()
        assert room.close()
    assert room.transcript.lines()[:6] == [
        "alice connects",
        "alice ← [127.0.0.1:alice]127.0.0.1:alice:已上线",
        "bob connects",
        "bob ← [127.0.0.1:bob]127.0.0.1:bob:已上线",
        "alice ← [127.0.0.1:bob]127.0.0.1:bob:已上线",
        "alice → anything else?",
    ]


def test_a_line_too_many_is_found_when_the_next_is_due() -> None:
    def server(accept: Accept) -> None:
        (alice,) = let_in(accept, 1)
        alice.sendall(b"Welcome!\n")
        alice.sendall(about(alice, alice.recv(100).decode().rstrip("\n")))

    with serving(server) as address:
        room = room_at(address)
        room.join("alice")
        with pytest.raises(Failure) as caught:
            room.nothing_else()
        room.close()
    assert caught.value.got == "Welcome!"


def test_many_who_join_are_one_sentence() -> None:
    labels = [f"user{number}" for number in range(1, 7)]
    with serving(lambda accept: received(let_in(accept, 6)[0]) and None) as address:
        room = room_at(address)
        assert [client.label for client in room.join(*labels)] == labels
        room.close()
    assert room.transcript.lines() == ["user1 to user6 join, one after another"]


def test_who_is_gone_reads_no_more() -> None:
    def server(accept: Accept) -> None:
        alice, bob = let_in(accept, 2)
        assert received(bob) == b""
        alice.sendall(about(bob, phrases.OFFLINE))

    with serving(server) as address:
        room = room_at(address)
        alice, bob = room.join("alice", "bob")
        bob.close()
        room.gone(bob)
        assert room.online == [alice]
        room.close()


def test_one_who_stalls_takes_little() -> None:
    full = threading.Event()

    def server(accept: Accept) -> None:
        (mallory,) = let_in(accept, 1)
        mallory.settimeout(SHORT)
        with pytest.raises(TimeoutError):  # A megabyte does not fit, and nothing was sent before.
            mallory.sendall(b"x" * (1 << 20))
        full.set()

    with serving(server) as address:
        room = room_at(address)
        mallory = room.join_stalled("mallory")
        assert mallory not in room.online
        assert full.wait(LONG)
        room.close()


def test_where_nobody_listens_nobody_connects() -> None:
    room = room_at(nobody_listens())
    with pytest.raises(Failure, match="no connection: connection refused"):
        room.connect("alice")
    assert room.transcript.lines() == ["alice tries to connect"]
    assert room.everybody == []


def test_a_server_that_is_not_ours_has_no_process() -> None:
    with pytest.raises(Skip, match="use `-- COMMAND`"):
        room_at(nobody_listens()).own_program()


def test_a_server_that_does_not_let_go_is_not_used_again() -> None:
    given_up = threading.Event()

    def server(accept: Accept) -> None:
        assert received(accept()) == b""
        assert given_up.wait(LONG)

    with serving(server) as address:
        room = room_at(address, patience=SHORT)
        room.connect("alice")
        assert not room.close()
        given_up.set()


def test_a_server_that_talks_for_ever_does_not_hold_us() -> None:
    def server(accept: Accept) -> None:
        person = accept()
        with pytest.raises(ConnectionError):
            talk_for_ever(person)

    with serving(server) as address:
        room = room_at(address, patience=SHORT)
        room.connect("alice")
        assert not room.close()


def test_who_has_left_already_is_no_trouble() -> None:
    def server(accept: Accept) -> None:
        alice, bob, carol = [accept() for _ in range(3)]
        assert received(alice) == received(bob) == b""
        with pytest.raises(ConnectionResetError):
            received(carol)

    with serving(server) as address:
        room = room_at(address)
        alice, bob, carol = (room.connect(label) for label in ("alice", "bob", "carol"))
        alice.half_close()
        bob.close()
        carol.reset()
        assert room.close()


def test_what_is_told_late_of_those_who_were_here_before_is_skipped() -> None:
    def server(accept: Accept) -> None:
        (before,) = let_in(accept, 1)
        late = about(before, phrases.OFFLINE)
        assert received(before) == b""
        before.close()
        (alice,) = let_in(accept, 1)
        alice.sendall(late)
        alice.sendall(about(alice, alice.recv(100).decode().rstrip("\n")))

    with serving(server) as address:
        first = room_at(address)
        first.join("somebody")
        assert first.close()
        second = room_at(address)
        second.visitors = first.visitors
        second.join("alice")
        second.nothing_else()
        second.close()
    assert [len(room.everybody) for room in (first, second)] == [1, 1]
    assert len(second.visitors) == 2


def test_who_comes_with_an_address_of_before_is_somebody_new() -> None:
    def server(accept: Accept) -> None:
        received(let_in(accept, 1)[0])

    (sock,) = highest_port_first(("127.0.0.1", 0), 1)
    with serving(server) as address:
        room = room_at(address)
        room.visitors = {f"127.0.0.1:{sock.getsockname()[1]}"}
        room.enter(room.connect("alice", sock=sock))
        room.close()


def test_the_later_one_connects_the_lower_is_the_port() -> None:
    socks = highest_port_first(("127.0.0.1", 9999), 5)
    ports = [sock.getsockname()[1] for sock in socks]
    for sock in socks:
        sock.close()
    assert ports == sorted(ports, reverse=True)
