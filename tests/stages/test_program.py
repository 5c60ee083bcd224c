"""Each stage as a program: its options, its log, its signals, its exit status."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages import phrases
from stages.__main__ import python
from stages.check.client import Client
from stages.check.program import Program
from stages.check.room import Room

PATIENCE = 20.0
STAGES = range(1, 9)
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
every_stage = pytest.mark.parametrize("stage", STAGES)


def command(stage: int, *options: str) -> list[str]:
    return [sys.executable, "-m", f"stages.stage{stage}", *options]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a program that ends by itself."""
    return subprocess.run(
        words, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False
    )


@contextlib.contextmanager
def running(stage: int) -> Iterator[Room]:
    """The program, ready, and a room in which to talk to it."""
    with contextlib.ExitStack() as stack:
        program = Program(command(stage, "--port", "{port}"), idle=0)
        stack.callback(program.stop)
        program.wait_until_listening(PATIENCE)
        room = Room(("127.0.0.1", program.port), stage, 10, PATIENCE, program)
        stack.callback(room.close)
        yield room


def port_of(ready: str) -> int:
    """The port in a ready line, which is as it should be."""
    match = re.fullmatch(rf"{phrases.READY} 127\.0\.0\.1:(\d+)\n", ready)
    assert match
    return int(match[1])


# What it says.


@every_stage
def test_with_port_0_it_says_which_one_it_took_at_once(stage: int) -> None:
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        command(stage, "--port", "0"), stdout=subprocess.PIPE, encoding="utf-8", env=environment
    ) as process:
        assert process.stdout
        port = port_of(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", port), PATIENCE):
            assert process.stdout.readline() == f"{phrases.CONNECTED}\n"
        process.terminate()


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="there is no IPv6 here")
@every_stage
def test_of_a_host_with_several_addresses_it_says_each_with_its_port(stage: int) -> None:
    with subprocess.Popen(
        command(stage, "--host", "", "--port", "0"), stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            assert process.stdout
            ports = {}
            for _ in range(2):
                host, _, port = (
                    process.stdout.readline().removeprefix(phrases.READY).rpartition(":")
                )
                ports[host] = int(port)
            assert sorted(ports) == [" 0.0.0.0", " ::"]
            for host, local in ((" 0.0.0.0", "127.0.0.1"), (" ::", "::1")):
                with socket.create_connection((local, ports[host]), PATIENCE):
                    assert process.stdout.readline() == f"{phrases.CONNECTED}\n"
        finally:
            process.kill()


@every_stage
def test_a_port_that_is_taken_is_told_in_one_line(stage: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = owner.getsockname()[1]
        done = run(*command(stage, "--port", str(port)))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"cannot listen on 127.0.0.1:{port}: the port is in use; "
        "stop the program that has it, or choose another with --port\n"
    )


@pytest.mark.parametrize("host", ["203.0.113.1", "no.such.host.invalid"])
def test_a_host_that_is_not_ours_is_told_in_one_line(host: str) -> None:
    done = run(*command(8, "--host", host, "--port", "0"))
    assert done.returncode == 1
    assert done.stderr.startswith(f"cannot listen on {host}:0: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port", "65536"], "'65536' is not a port"),
        (["--port", "-1"], "'-1' is not a port"),
        (["--port", 5000 * "9"], "99999' is not a port: 0 to 65535"),
        (["--port", "http"], "'http' is not a port"),
        (["--idle-timeout", "0"], "'0' is not a number of seconds"),
        (["--idle-timeout", "inf"], "'inf' is not a number of seconds"),
        (["--idle-timeout", "nan"], "'nan' is not a number of seconds"),
        (["--idle-timeout", "1e400"], "'1e400' is not a number of seconds"),
        (["--idle-timeout", "soon"], "'soon' is not a number of seconds"),
        (["--prot", "1"], "unrecognized arguments"),
        (["--idle", "1"], "unrecognized arguments"),
    ],
)
def test_a_wrong_option_is_told_without_a_traceback(options: list[str], words: str) -> None:
    done = run(*command(8, *options))
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert f"python -m stages.stage{8}" in done.stderr


@every_stage
def test_the_idle_limit_is_an_option_from_stage_7_on(stage: int) -> None:
    assert ("--idle-timeout" in run(*command(stage, "--help")).stdout) == (stage >= 7)


def test_the_list_names_every_stage_and_how_to_run_it() -> None:
    done = run(sys.executable, "-m", "stages")
    assert (done.returncode, done.stderr) == (0, "")
    for stage in STAGES:
        assert f"{python()} -m stages.stage{stage}" in done.stdout
        assert f"notebooks/0{stage}_" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX pipes")
@pytest.mark.parametrize("words", [("stages",), ("stages.check", "8", "--list")], ids=" ".join)
def test_whoever_reads_a_list_may_stop_reading(words: tuple[str, ...]) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [sys.executable, "-m", *words], stdout=write_end, stderr=subprocess.PIPE, check=False
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere such a path cannot be")
def test_a_path_that_is_no_utf8_is_printed_all_the_same(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xc3\xfb"  # In GBK, as of an archive made on Windows.
    done = subprocess.run(
        [sys.executable, "-m", "stages", "hand-out", folder],
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(rf"{tmp_path}/\udcc3\udcfb has the course")


# How it ends.


def the_whole_house(room: Room) -> list[Client]:
    """Somebody silent, somebody in the middle of a line, somebody who has ended their input."""
    people = [room.connect(label) for label in ("silent", "typing", "half")]
    if room.stage >= 2:
        for person in people:
            while person.next_line() != person.says(phrases.ONLINE):
                pass
        people[1].send_bytes(b"half a li")
        people[2].half_close()
    return people


@POSIX
@every_stage
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_a_signal_ends_it_at_once_with_people_connected(stage: int, number: signal.Signals) -> None:
    with running(stage) as room:
        people = the_whole_house(room)
        program = room.own_program()
        program.ask_to_end(number)
        assert program.wait_end(5.0) == 0
        for person in (people[0], people[2]):  # Input that was not read yet resets the third.
            person.rest()
        assert program.stderr.count == 0


@POSIX
@every_stage
def test_ctrl_c_again_and_again_is_no_more_than_once(stage: int) -> None:
    with running(stage) as room:
        program = room.own_program()
        while program.wait_end(0) is None:
            with contextlib.suppress(ProcessLookupError):
                program.ask_to_end(signal.SIGINT)
        assert program.wait_end(0) == 0
        assert program.stderr.count == 0


@POSIX
@pytest.mark.parametrize("stage", range(3, 9))
def test_what_is_owed_is_delivered_before_the_end(stage: int) -> None:
    text = "x" * 4000
    with running(stage) as room:
        alice, bob = room.join("alice", "bob")
        for _ in range(100):
            alice.send(text)
        for _ in range(100):
            alice.reads(alice.says(text))
        program = room.own_program()
        program.ask_to_end(signal.SIGTERM)
        assert bob.rest() == [alice.says(text)] * 100
        assert program.wait_end(5.0) == 0


@POSIX
def test_one_who_does_not_read_does_not_keep_it_from_ending() -> None:
    with running(8) as room:
        (alice,) = room.join("alice")
        room.join_stalled("mallory")
        for _ in range(100):
            alice.send("x" * 4000)
            alice.reads(alice.says("x" * 4000))
        program = room.own_program()
        program.ask_to_end(signal.SIGTERM)
        assert program.wait_end(PATIENCE) == 0
        assert program.stderr.count == 0


# When its files run out.


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit is Linux's")
@every_stage
def test_when_its_files_run_out_it_says_so_once_and_goes_on(stage: int) -> None:
    with running(stage) as room:
        program = room.own_program()
        program.limit_open_files(program.open_files() + 3)
        crowd = room.connect_at_once(20)
        program.is_calm(0.5)
        for person in crowd:
            person.close()
        program.limit_open_files(None)
        program.prints(phrases.CONNECTED, 21, PATIENCE)  # One more was the look whether it listens.
        if stage >= 2:
            room.join("alice")
        else:
            room.connect("alice").reads_end()
        assert program.stderr.count <= 1
