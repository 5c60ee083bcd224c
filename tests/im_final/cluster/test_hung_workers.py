"""Workers that hang or do not end, supervisors that are killed, and a port for one supervisor."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from im_final import listeners, phrases
from im_final.clock import LONGEST, RunningClock
from im_final.settings import Settings
from im_final.workers import BEAT, END, Place, Supervisor
from stages.check.program import becomes_true, free_port
from tests.im_final.children import PATIENCE, POSIX
from tests.im_final.cluster.crew import connects, workers, workers_of
from tests.stages.clock import Clock
from tools.soak.house import Store

pytestmark = POSIX
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
TIMEOUT = 30.0
DRAIN = 5.0


class Watched(Supervisor):
    """A supervisor of two workers that exist on paper, its time that of a test."""

    def __init__(self) -> None:
        link = "redis://127.0.0.1"
        settings = Settings(port=0, workers=2, backplane=link, worker_timeout=TIMEOUT, drain=DRAIN)
        super().__init__(settings, lambda *_: 0)
        self.real = Clock()
        self.clock = RunningClock(lambda: self.real.now)
        self.killed: list[int] = []
        self.places = []
        for worker in self.workers:
            worker.pid, worker.beat_at = 1000 + worker.number, self.clock()
            self.places.append(Place(worker.number, worker.sockets, 0, 0, self.beats))

    def runs(self, seconds: float, *alive: int) -> None:
        """So much time passes, in which these workers give signs of life."""
        for _ in range(int(seconds / BEAT)):
            self.real.advance(BEAT)
            for number in alive:
                self.places[number].beat()
            self.look()


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    watched = Watched()
    monkeypatch.setattr(os, "kill", lambda pid, _: watched.killed.append(pid))
    yield watched
    if not watched.stopping:
        os.close(watched.line)
    os.close(watched.lifeline)
    watched.close_sockets()


# Hanging, by a clock.


def test_one_without_a_sign_of_life_is_killed_after_the_timeout_and_not_before(
    supervisor: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    supervisor.runs(TIMEOUT - BEAT, 0)
    assert not supervisor.killed
    supervisor.runs(BEAT, 0)
    assert supervisor.killed == [1001]
    words = f"worker 1 (pid 1001) hangs: no sign of life for {TIMEOUT:g} s; it is killed"
    assert words in caplog.text
    supervisor.runs(BEAT, 0)
    assert supervisor.killed == [1001]


def test_signs_of_life_are_seen_for_ever(supervisor: Watched) -> None:
    supervisor.runs(10 * TIMEOUT, 0, 1)
    assert not supervisor.killed


def test_a_stall_of_the_supervisor_does_not_count(supervisor: Watched) -> None:
    for _ in range(3):
        supervisor.runs(10 * BEAT, 0, 1)
        supervisor.real.advance(1e6)  # All stood still, and the supervisor is the first to go on.
        supervisor.look()
    assert not supervisor.killed
    supervisor.runs(TIMEOUT - LONGEST)
    assert supervisor.killed == [1000, 1001]


def test_one_that_does_not_end_is_killed_and_the_status_is_1(
    supervisor: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    supervisor.stop()
    supervisor.workers[0].pid = 0  # It has ended.
    supervisor.runs(DRAIN + END - BEAT)
    assert not supervisor.killed
    assert supervisor.status == 0
    supervisor.runs(BEAT)
    assert supervisor.killed == [1001]
    assert supervisor.status == 1
    words = f"worker 1 (pid 1001) has not ended {END:g} s after --drain; it is killed"
    assert words in caplog.text


# And with processes.


@LINUX
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_one_that_hangs_is_replaced_and_those_it_kept_waiting_come_in(
    store: Store, loop: str
) -> None:
    with workers(store, "--worker-timeout", "3", "--loop", loop) as (room, pids):
        os.kill(pids[0], signal.SIGSTOP)
        crowd = room.connect_at_once(12)  # Some of them wait for the one that hangs.
        program = room.own_program()
        hangs = f"(pid {pids[0]}) hangs: no sign of life for 3 s; it is killed"
        assert becomes_true(lambda: program.stderr.with_text(hangs) == 1, PATIENCE)
        for person in crowd:
            person.reads_up_to(person.says(phrases.ONLINE))
        assert len(workers_of(program.process.pid)) == 2
        assert pids[0] not in workers_of(program.process.pid)


@LINUX
def test_sigterm_ends_all_even_if_one_hangs(store: Store) -> None:
    with workers(store, "--drain", "0") as (room, pids):
        os.kill(pids[0], signal.SIGSTOP)
        program = room.own_program()
        program.ask_to_end(signal.SIGTERM)
        assert program.wait_end(PATIENCE) == 1
        assert program.stderr.with_text(f"(pid {pids[0]}) has not ended 5 s after --drain") == 1
        assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


# Whose port it is.


@LINUX
def test_when_they_are_told_to_end_nobody_waits_for_them_in_vain(store: Store) -> None:
    with workers(store, "--drain", "1000") as (room, _):
        room.join_stalled("mallory")  # They have to be waited for.
        (alice,) = room.join("alice")
        for _ in range(150):
            alice.send("x" * 4000)
            alice.reads(alice.says("x" * 4000))
        program = room.own_program()
        program.ask_to_end(signal.SIGTERM)
        alice.reads(phrases.CLOSING)
        assert becomes_true(lambda: not connects(program.port), PATIENCE)
        assert program.wait_end(0) is None
        program.ask_to_end(signal.SIGTERM)
        assert program.wait_end(PATIENCE) == 1


@LINUX
def test_a_supervisor_can_be_killed_and_started_at_once(store: Store) -> None:
    with workers(store, "--drain", "20") as (room, _):
        room.join_stalled("mallory")  # So those of the first live for a while.
        (alice,) = room.join("alice")
        for _ in range(150):
            alice.send("x" * 4000)
            alice.reads(alice.says("x" * 4000))
        first = room.own_program()
        first.process.kill()
        first.wait_end(PATIENCE)
        second = first.start_another_on_the_same_port()
        try:
            second.prints(phrases.READY, 2, PATIENCE)
            assert connects(second.port)
            second.ask_to_end(signal.SIGTERM)
            assert second.wait_end(PATIENCE) == 0
        finally:
            second.stop()


def test_two_that_are_started_at_once_never_share_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "PATIENCE", 0.0)
    port = free_port()
    taken, tries = listeners.listen_on, []

    def listen_on(family: int, address: tuple[Any, ...], *, shared: bool = False) -> socket.socket:
        sock = taken(family, address, shared=shared)
        with pytest.raises(OSError, match="in use"):  # The other begins at this moment.
            taken(family, address)
        tries.append(shared)
        return sock

    monkeypatch.setattr(listeners, "listen_on", listen_on)
    places = listeners.listen_shared("127.0.0.1", port, 2)
    try:
        with pytest.raises(OSError, match="in use"):
            taken(socket.AF_INET, ("127.0.0.1", port))
        assert tries == [False, True, True]
        assert connects(port)
    finally:
        for sock in [sock for place in places for sock in place]:
            sock.close()


def test_a_port_that_is_given_up_in_time_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = owner.getsockname()[1]
        monkeypatch.setattr("time.sleep", lambda _: owner.close())
        (sock,) = listeners.listen_when_free("127.0.0.1", port)
        sock.close()
