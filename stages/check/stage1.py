"""What stage 1 promises: connections are accepted, logged and closed; the program can be ended."""

import os
import signal

from stages import phrases
from stages.check.failure import Failure, Skip
from stages.check.program import Program
from stages.check.room import Room
from stages.check.suite import Checks

checks = Checks(1)


@checks.add("a client can connect")
def connects(room: Room) -> None:
    """Listen on the port, accept in a loop, and start a handler for each connection."""
    room.connect("alice")


@checks.add("a connection is closed when its handler is done", "L3", until=1)
def closes(room: Room) -> None:
    """Close what you accepted when the handler ends, whatever happened in it."""
    room.connect("alice").reads_end()


@checks.add("twenty connections at once are all served", until=1)
def twenty_at_once(room: Room) -> None:
    """A handler must not keep the accept loop waiting: give each a task (goroutine, thread)."""
    for client in reversed(room.connect_at_once(20)):
        client.reads_end()


@checks.add("after 100 connections nothing is left open", "L3", "L1", until=1)
def leaves_nothing_open(room: Room) -> None:
    """Close every connection on the server's side too, or the system runs out of descriptors."""
    program = room.own_program()
    before = program.open_files()
    with room.transcript.summary("100 clients connect, one after another, and wait for the end"):
        for _ in range(100):
            client = room.connect("someone")
            client.reads_end()
            client.close()
    program.has_at_most_open(before, room.patience)


@checks.add("the log says that it listens, and each connection", server="fresh")
def logs(room: Room) -> None:
    """Print the two texts of the tutorial, each as a line of its own, and flush."""
    program = room.own_program()
    program.prints(phrases.READY, 1, room.patience)
    if program.announced_too_early:
        raise Failure("it said so before anybody could connect", None, phrases.READY)
    program.prints(phrases.CONNECTED, 1, room.patience)  # Of whoever looked whether it listens.
    before = program.stdout.with_text(phrases.CONNECTED)
    room.connect("alice")
    room.connect("bob")
    program.prints(phrases.CONNECTED, before + 2, room.patience)


@checks.add("a port that is in use is one clear line and status 1", "P1", server="fresh")
def port_in_use(room: Room) -> None:
    """When listening fails, say on stderr what is wrong, in one line, and exit with status 1."""
    wrapper = room.own_program().wrapper()
    second = room.own_program().start_another_on_the_same_port()
    room.transcript.note("a second server is started on the same port")
    try:
        status = second.wait_end(room.patience * 2)
    finally:
        second.stop()
    if status is None:
        raise Failure("the second server did not end")
    if second.stdout.with_text(phrases.READY):
        raise Failure("the second server said that it listens", None, phrases.READY)
    if (status, second.stderr.count) != (1, 1):
        expect_no(wrapper)
    if status != 1:
        raise Failure(f"the second server ended with status {status}")
    if second.stderr.count != 1:
        raise Failure(f"the second server wrote {second.stderr.count} lines to stderr, not one")


@checks.add("SIGTERM ends it: connections are closed, status 0", "P2", server="fresh")
def ends_on_sigterm(room: Room) -> None:
    """On SIGTERM stop accepting, close every connection, and exit with status 0."""
    ends_on(room, signal.SIGTERM)


@checks.add("Ctrl-C (SIGINT) ends it the same way", "P2", server="fresh")
def ends_on_sigint(room: Room) -> None:
    """Treat SIGINT as SIGTERM: a person at the keyboard wants the same."""
    ends_on(room, signal.SIGINT)


def ends_on(room: Room, end: signal.Signals) -> None:
    """The server ends on a signal, with somebody connected who has not left."""
    if os.name != "posix":
        raise Skip("needs POSIX signals")
    program = room.own_program()
    before = program.stdout.with_text(phrases.CONNECTED)
    alice = room.connect("alice")
    program.prints(phrases.CONNECTED, before + 1, room.patience)
    room.transcript.note(f"the server is sent {end.name}")
    wrapper = program.wrapper()
    program.ask_all_to_end(end)
    alice.rest()
    ended_well(program, wrapper, end, room.patience * 2)


def ended_well(program: Program, wrapper: str | None, end: signal.Signals, seconds: float) -> None:
    """After the signal `end` the program ends in time, by itself and with status 0.

    If the command is a `wrapper` around the server, the status may be its own.
    """
    status = program.wait_all_end(seconds)
    if status is None:
        raise Failure(f"the server still runs {seconds:g} s after {end.name}")
    if status != 0:
        expect_no(wrapper)
        raise Failure(f"the server ended {program.how_it_ended()}, not with status 0")


def expect_no(wrapper: str | None) -> None:
    """Raise Skip if there is one, for what it does is not what the server does."""
    if wrapper:
        raise Skip(f"`{wrapper}` stands between; give the command of the server itself")
