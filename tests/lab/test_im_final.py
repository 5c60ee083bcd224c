"""A room opens the finished server as it opens a stage: people, roster, trouble, and no print."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import im_final
from stages import phrases, stage3
from stages.lab import Room
from stages.lab.room import listening

FEW = 100  # Long lines: 400 KB. What the system takes by itself can be megabytes.


def test_people_join_talk_and_ask_who_is_there() -> None:
    room = Room(im_final.Server)
    alice, bob = room.join("alice", "bob")
    alice.send("hello")
    assert room.read().text() == "  1  alice, bob ← [127.0.0.1:alice]127.0.0.1:alice:hello"
    bob.send("rename|bob", "who")
    assert bob.read(3)[1:] == ["[127.0.0.1:alice] is online", "[bob] is online"]
    assert room.roster() == ["127.0.0.1:alice", "bob"]
    bob.leave()
    assert alice.read() == "[127.0.0.1:bob]bob:下线"


def test_one_who_reads_nothing_is_dropped_and_the_system_takes_little_for_them() -> None:
    with Room(im_final.Server, max_backlog=2**16) as room:
        alice = room.join("alice")
        room.connect("sleepy", reads=False)
        alice.read()
        left = f"127.0.0.1:sleepy:{phrases.OFFLINE}"
        read: list[str] = []
        while not any(line.endswith(left) for line in read[-3:]):
            assert len(read) < 2 * FEW, "sleepy is still here"
            alice.send("x" * 4000, "tick")
            read += alice.read_until("tick")


@pytest.mark.parametrize("server_class", [stage3.Server, im_final.Server])
def test_listening_sockets_are_found_wherever_a_server_keeps_them(server_class: Any) -> None:
    with Room(server_class) as room:
        alice = room.join("alice")
        (listener,) = listening(room.server)
        assert listener.getsockname()[1] == room.server.port
        assert alice.is_here()


def test_a_socket_that_does_not_listen_is_none_of_them() -> None:
    class Keeps:
        def __init__(self) -> None:
            self.listener = socket.create_server(("127.0.0.1", 0))
            self.caller = socket.create_connection(self.listener.getsockname())
            self.closed = socket.socket()
            self.closed.close()
            self.several = [self.caller, self.listener.accept()[0]]

    server = Keeps()
    assert listening(server) == [server.listener]
    for sock in (server.listener, *server.several):
        sock.close()
    assert listening(object()) == []


# Under pytest the log always has a listener, so what is printed takes a process of its own.

FAILING = """
import im_final
from im_final.user import User
from stages.lab import Room

def fails(*_):
    raise ValueError("oh no")

User.do_message = fails
room = Room(im_final.Server)
alice = room.join("alice")
no_more_files = OSError(24, "too many open files")
room.background.loop.call_soon_threadsafe(room.server.complain, no_more_files)  # Logs a warning.
alice.send("hello")
assert room.trouble() == "ValueError: oh no"
room.close()
"""


def test_what_fails_in_it_is_told_and_neither_news_nor_warnings_are_printed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING],
        check=False,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
