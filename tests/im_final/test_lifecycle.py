"""How the program begins and ends: what it says, what it still delivers, and its exit status."""

import os
import re
import signal
import socket
import subprocess

import pytest

from im_final import phrases
from stages.check.client import Client
from stages.check.program import becomes_true
from stages.check.room import Room
from tests.im_final.certificates import Certificate
from tests.im_final.children import LINUX, PATIENCE, POSIX, logs, run, running, serve
from tests.im_final.conftest import need_loop

SIGNALS = [signal.SIGINT, signal.SIGTERM]
TEXT = "x" * 4000

every_loop = pytest.mark.parametrize("loop", ["asyncio", "uvloop"])


def stalls_with_something_owed(room: Room, speaker: Client, lines: int) -> Client:
    """Somebody joins and reads nothing while so many lines are said."""
    staller = room.join_stalled("mallory")
    for _ in range(lines):
        speaker.send(TEXT)
        speaker.reads(speaker.says(TEXT))
    return staller


# The beginning.


def test_the_ready_line_says_which_port_was_taken_at_once() -> None:
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}
    words = [word.replace("{port}", "0") for word in serve()]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, encoding="utf-8", env=environment
    ) as child:
        assert child.stdout
        ready = child.stdout.readline()
        found = re.fullmatch(rf"\S+ info {phrases.READY} 127\.0\.0\.1:(\d+)\n", ready)
        assert found, ready
        with socket.create_connection(("127.0.0.1", int(found[1])), PATIENCE):
            assert f" info {phrases.CONNECTED} addr=127.0.0.1:" in child.stdout.readline()
        child.terminate()


def test_a_port_that_is_taken_is_one_line_and_status_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = owner.getsockname()[1]
        done = run("serve", "--port", str(port))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"im_final: cannot listen on 127.0.0.1:{port}: the port is in use; "
        "stop what has it, or choose another with --port\n"
    )


# The end.


@POSIX
@every_loop
@pytest.mark.parametrize("number", SIGNALS, ids=["ctrl-c", "sigterm"])
def test_at_a_signal_everyone_is_told_and_it_ends_with_status_0(
    number: signal.Signals, loop: str
) -> None:
    need_loop(loop)
    with running("--loop", loop) as room:
        silent, typing = room.join("silent", "typing")
        typing.send_bytes(b"half a li")
        program = room.own_program()
        program.ask_to_end(number)
        for person in (silent, typing):
            person.reads(phrases.CLOSING)
            person.reads_end()
            person.close()
        assert program.wait_end(PATIENCE) == 0
        assert program.stderr.count == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(room.address, PATIENCE)


@POSIX
@every_loop
def test_all_that_is_owed_is_delivered_to_a_slow_reader_first(loop: str) -> None:
    need_loop(loop)
    with running("--loop", loop, "--drain", "60") as room:
        (alice,) = room.join("alice")
        slow = stalls_with_something_owed(room, alice, 150)
        program = room.own_program()
        program.ask_to_end(signal.SIGTERM)
        alice.reads(phrases.CLOSING)
        alice.close()
        assert program.wait_end(0) is None
        assert slow.rest() == [*[alice.says(TEXT)] * 150, phrases.CLOSING]
        slow.close()
        assert program.wait_end(PATIENCE) == 0
        assert program.stderr.count == 0


@POSIX
@every_loop
def test_who_is_just_arriving_is_told_too_and_costs_nobody_anything(loop: str) -> None:
    need_loop(loop)
    with running("--loop", loop, "--drain", "60") as room:
        (alice,) = room.join("alice")
        slow = stalls_with_something_owed(room, alice, 150)
        program = room.own_program()
        os.kill(program.process.pid, signal.SIGSTOP)
        os.waitpid(program.process.pid, os.WUNTRACED)  # Returns when it stands still.
        crowd = room.connect_at_once(10)
        program.ask_to_end(signal.SIGTERM)
        os.kill(program.process.pid, signal.SIGCONT)
        for person in (alice, *crowd):
            assert person.rest()[-1] == phrases.CLOSING
            person.close()
        lines = slow.rest()
        assert lines[:150] == [alice.says(TEXT)] * 150
        assert lines[-1] == phrases.CLOSING
        slow.close()
        assert program.wait_end(PATIENCE) == 0
        assert program.stderr.count == 0


@POSIX
@every_loop
def test_one_who_never_reads_does_not_keep_it_from_ending(loop: str) -> None:
    need_loop(loop)
    with running("--loop", loop, "--drain", "0.2") as room:
        (alice,) = room.join("alice")
        stalls_with_something_owed(room, alice, 150)
        program = room.own_program()
        program.ask_to_end(signal.SIGTERM)
        assert program.wait_end(PATIENCE) == 0
        assert program.stderr.count == 0


@POSIX
@every_loop
@pytest.mark.parametrize("number", SIGNALS, ids=["ctrl-c", "sigterm"])
def test_a_second_signal_ends_it_at_once_with_status_1(number: signal.Signals, loop: str) -> None:
    need_loop(loop)
    with running("--loop", loop, "--drain", "1000") as room:
        (alice,) = room.join("alice")
        stalls_with_something_owed(room, alice, 150)
        program = room.own_program()
        program.ask_to_end(signal.SIGTERM)
        alice.reads(phrases.CLOSING)
        assert program.wait_end(0) is None
        program.ask_to_end(number)
        assert program.wait_end(PATIENCE) == 1
        assert program.stderr.count == 0


@POSIX
@every_loop
def test_who_does_not_hang_up_after_the_goodbye_is_not_waited_for(loop: str) -> None:
    need_loop(loop)
    with running("--loop", loop, "--drain", "1000") as room:
        room.join("alice")
        program = room.own_program()
        program.ask_to_end(signal.SIGTERM)
        assert program.wait_end(PATIENCE) == 0
        assert program.stderr.count == 0


@LINUX
@every_loop
def test_a_tls_handshake_does_not_keep_it_from_ending(loop: str, certificate: Certificate) -> None:
    need_loop(loop)
    with running("--loop", loop, "--handshake-timeout", "1000", *certificate.words) as room:
        program = room.own_program()
        before = program.open_files()
        with socket.create_connection(room.address, PATIENCE) as sock:
            sock.sendall(b"\x16\x03\x01")
            assert becomes_true(lambda: program.open_files() > before, PATIENCE)
            program.ask_to_end(signal.SIGTERM)
            assert program.wait_end(PATIENCE) == 0
            assert program.stderr.count == 0


# When its files run out.


@LINUX
@every_loop
def test_out_of_files_it_says_so_once_goes_on_and_accepts_again(loop: str) -> None:
    need_loop(loop)
    with running("--loop", loop) as room:
        alice, bob = room.join("alice", "bob")
        program = room.own_program()
        program.limit_open_files(program.open_files() + 3)
        crowd = room.connect_at_once(20)
        logs(room, "cannot accept anybody for now: Too many open files")
        alice.send("we go on")
        while bob.next_line() != alice.says("we go on"):
            pass
        program.is_calm(1.2)  # It tries again in between.
        assert program.stderr.count == 1
        program.limit_open_files(None)
        for person in crowd:
            person.reads(person.says(phrases.ONLINE))
            person.reset()
        assert program.stderr.count == 1
