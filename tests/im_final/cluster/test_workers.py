"""Many processes on one port, and the supervisor above them."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from im_final import phrases
from im_final.program import obey
from im_final.settings import Settings
from im_final.workers import BUG, LAST_PAUSE, REFUSED, SOON, Place, Supervisor
from stages.check.program import Program, becomes_true, free_port
from stages.check.room import Room
from tests.im_final.children import PATIENCE, POSIX, run, serve
from tests.im_final.cluster.crew import connects, words, workers, workers_of
from tools.soak.house import Store

pytestmark = POSIX
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A service manager, for all that is started from now on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        sock.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield sock


def heard(manager: socket.socket) -> list[str]:
    """What it has been told since it was asked last, without the words for people."""
    manager.setblocking(False)
    states = []
    with contextlib.suppress(BlockingIOError):
        while True:
            states.append(manager.recv(1000).decode().splitlines()[0])
    return states


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """One that has started nobody yet."""
    settings = Settings(port=0, workers=2, backplane="redis://127.0.0.1")
    supervisor = Supervisor(settings, lambda *_: 0)
    yield supervisor
    if not supervisor.stopping:
        os.close(supervisor.line)
    os.close(supervisor.lifeline)
    for sock in [sock for one in supervisor.workers for sock in one.sockets]:
        sock.close()


def spread(room: Room) -> None:
    """People come until each worker has some; how the system shares them out is its own affair."""
    room.join(*[f"user{number}" for number in range(1, 13)])


@LINUX
def test_they_are_one_room_and_who_dies_is_started_again(store: Store) -> None:
    with workers(store) as (room, pids):
        assert len(pids) == 2
        spread(room)
        room.nothing_else()
        os.kill(pids[0], signal.SIGKILL)
        left = [client for client in room.online if not client.listens(0.2) or not client.ended]
        assert 0 < len(left) < len(room.online)
        program = room.own_program()
        assert becomes_true(lambda: len(workers_of(program.process.pid)) == 2, PATIENCE)
        assert pids[0] not in workers_of(program.process.pid)
        assert program.stderr.with_text("died (-9); it is started again in 0.2 s") == 1
        for number in range(2):
            assert program.stdout.with_text(f"worker={number}") >= 1
        room.online.clear()
        late = [room.connect(f"late{number}") for number in range(8)]
        for client in late:
            while client.next_line() != client.says(phrases.ONLINE):
                pass
        program.ask_to_end(signal.SIGTERM)
        for client in [*left, *late]:
            assert client.rest()[-1] == phrases.CLOSING
        assert program.wait_end(PATIENCE) == 0


@LINUX
def test_the_second_signal_ends_all_at_once(store: Store) -> None:
    with workers(store) as (room, pids):
        program = room.own_program()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)  # They cannot end well.
        program.ask_to_end(signal.SIGTERM)
        program.ask_to_end(signal.SIGINT)
        assert program.wait_end(PATIENCE) == 1
        assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


@LINUX
def test_without_their_supervisor_they_end_well(store: Store) -> None:
    with workers(store) as (room, pids):
        [alice] = room.join("alice")
        room.own_program().process.kill()
        alice.reads(phrases.CLOSING)
        alice.reads_end()
        assert becomes_true(lambda: not [p for p in pids if Path(f"/proc/{p}").exists()], PATIENCE)


def test_a_signal_to_the_whole_group_is_heard_once(store: Store) -> None:
    with workers(store) as (room, _):
        [alice] = room.join("alice")
        program = room.own_program()
        program.asked_to_end = True
        os.killpg(program.process.pid, signal.SIGTERM)
        alice.reads(phrases.CLOSING)
        alice.reads_end()
        assert program.wait_end(PATIENCE) == 0


@POSIX
def test_who_is_told_to_end_twice_hears_it_once_and_never_dies_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dispositions: list[object] = []
    real = signal.signal

    def note(number: int, act: Any) -> Any:
        dispositions.append(act)
        return real(number, act)

    async def main() -> None:
        told: asyncio.Queue[None] = asyncio.Queue()
        lifeline, line = os.pipe()
        obey(lifeline, told)
        monkeypatch.setattr(signal, "signal", note)
        os.close(line)
        await told.get()
        os.kill(os.getpid(), signal.SIGTERM)
        heard = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, heard.set)
        os.kill(os.getpid(), signal.SIGUSR2)
        await heard.wait()
        monkeypatch.setattr(signal, "signal", real)
        os.close(lifeline)
        assert told.empty()
        assert signal.SIG_DFL not in dispositions

    asyncio.run(main())


def test_each_has_its_own_port_for_metrics(store: Store) -> None:
    port = two_free_ports()
    with workers(store, "--metrics", str(port)):
        for number in (0, 1):
            assert becomes_true(lambda number=number: connects(port + number), PATIENCE)


def two_free_ports() -> int:
    """A port that nobody listens on now, as nobody does on the next."""
    while True:
        port = free_port()
        with contextlib.suppress(OSError), socket.socket() as sock:
            sock.bind(("127.0.0.1", port + 1))
            return port


def test_a_port_that_another_has_is_refused_in_a_line(store: Store) -> None:
    with workers(store) as (room, _):
        second = room.own_program().start_another_on_the_same_port()
        assert second.wait_end(PATIENCE) == 1
        assert second.stderr.count == 1
        assert "the port is in use" in second.stderr.last()


def test_when_none_can_start_all_end_and_one_says_why(store: Store, manager: socket.socket) -> None:
    program = Program(serve(*words(store, "--tls-cert", "nowhere.pem")), idle=0)
    try:
        assert program.wait_end(PATIENCE) == 1
        assert program.stderr.with_text("nowhere.pem") >= 1
        assert program.stderr.with_text("Traceback") == 0
        assert heard(manager) == ["STOPPING=1"]
    finally:
        program.stop()


WITH_A_BUG = """
from im_final import logs
from im_final.settings import Settings
from im_final.workers import supervise

def work(settings, place):
    raise LookupError("of a bug")

print("port {port}", flush=True)
logs.set_up("text")
raise SystemExit(supervise(Settings(port={port}, workers=2, backplane="redis://x"), work))
"""


def test_a_bug_in_a_worker_is_told_and_ends_that_worker_only() -> None:
    program = Program([sys.executable, "-c", WITH_A_BUG], idle=0)
    try:
        restarts = "it is started again"
        assert becomes_true(lambda: program.stderr.with_text(restarts) >= 4, PATIENCE)
        assert program.stderr.with_text("LookupError: of a bug") >= 4
        assert program.stderr.with_text(f"died ({BUG}); {restarts}") >= 4
        program.ask_to_end(signal.SIGTERM)
        program.wait_end(PATIENCE)
    finally:
        program.stop()


@pytest.mark.parametrize("age", [0.0, SOON + 1])
def test_only_of_a_worker_that_has_just_begun_is_it_believed_that_it_cannot_start(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, age: float
) -> None:
    monkeypatch.setattr(supervisor, "set_alarm", lambda: None)
    monkeypatch.setattr(os, "waitpid", lambda pid, _: (pid, REFUSED << 8))
    worker = supervisor.workers[0]
    worker.pid, worker.began = 1, time.monotonic() - age
    supervisor.bury()
    assert bool(supervisor.stopping) == (age < SOON)
    assert bool(worker.due) == (age > SOON)


def test_one_that_takes_the_place_of_another_and_cannot_start_ends_nobody_else(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "set_alarm", lambda: None)
    monkeypatch.setattr(os, "fork", lambda: 1)
    deaths = iter([signal.SIGKILL, REFUSED << 8])
    monkeypatch.setattr(os, "waitpid", lambda pid, _: (pid, next(deaths)))
    worker = supervisor.workers[0]
    supervisor.start(worker)
    worker.began -= SOON + 1  # It has served for long.
    supervisor.bury()
    supervisor.start(worker)
    supervisor.bury()
    assert not supervisor.stopping
    assert worker.due


def test_when_the_service_manager_is_told_that_they_are_ready_the_port_can_be_reached(
    store: Store, manager: socket.socket
) -> None:
    program = Program(serve(*words(store)), idle=0)
    try:
        assert manager.recv(1000).decode().splitlines()[0] == "READY=1"
        assert connects(program.port)
        assert becomes_true(lambda: program.stdout.with_text(phrases.READY) == 2, PATIENCE)
        program.ask_to_end(signal.SIGTERM)
        assert program.wait_end(PATIENCE) == 0
        assert heard(manager) == ["STOPPING=1"]
    finally:
        program.stop()


NEVER_LISTENS = """
import os
from im_final.settings import Settings
from im_final.workers import supervise

def work(settings, place):
    os.write(1, b"begun\\n")  # In one piece: the other does the same.
    os.read(place.lifeline, 1)
    return 0

raise SystemExit(supervise(Settings(port={port}, workers=2, backplane="redis://x"), work))
"""


def test_as_long_as_none_listens_they_are_not_ready(manager: socket.socket) -> None:
    program = Program([sys.executable, "-c", NEVER_LISTENS], idle=0)
    try:
        program.prints("begun", 2, PATIENCE)
        program.ask_to_end(signal.SIGTERM)
        assert program.wait_end(PATIENCE) == 0
        assert heard(manager) == ["STOPPING=1"]
    finally:
        program.stop()


def test_a_signal_to_the_whole_group_ends_none_that_has_just_begun() -> None:
    program = Program([sys.executable, "-c", NEVER_LISTENS], idle=0)
    try:
        program.prints("begun", 2, PATIENCE)
        program.asked_to_end = True
        os.killpg(program.process.pid, signal.SIGHUP)
        os.killpg(program.process.pid, signal.SIGTERM)
        assert program.wait_end(PATIENCE) == 0
        assert program.stderr.with_text("died") == 0
    finally:
        program.stop()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGSEGV, 11)])
def test_who_is_told_once_more_while_ending_has_not_failed(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    monkeypatch.setattr(os, "waitpid", lambda pid, _: (pid, number))
    supervisor.stopping, supervisor.workers[0].pid = 1, 1
    supervisor.bury()
    assert supervisor.status == status


def test_they_are_ready_once(supervisor: Supervisor, manager: socket.socket) -> None:
    for _ in supervisor.workers:
        supervisor.hear_ready()
    assert heard(manager) == ["READY=1"]


def test_they_are_not_ready_when_one_that_could_not_start_was_not_heard_of_yet(
    supervisor: Supervisor, manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "waitpid", lambda pid, _: (pid, REFUSED << 8))
    supervisor.workers[0].pid, supervisor.workers[0].began = 1, time.monotonic()
    supervisor.hear_ready()
    assert heard(manager) == ["STOPPING=1"]


def test_a_worker_tells_its_supervisor_and_nobody_who_came_in_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = []
    monkeypatch.setattr(os, "kill", lambda *signal: sent.append(signal))
    Place(0, [], 0, os.getppid(), memoryview(b"")).tell_ready()
    assert sent == [(os.getppid(), signal.SIGUSR1)]
    Place(0, [], 0, os.getpid(), memoryview(b"")).tell_ready()
    assert len(sent) == 1


def test_a_worker_for_which_there_is_no_room_is_started_later(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", full)
    worker = supervisor.workers[0]
    supervisor.start(worker)
    assert worker.pid == 0
    assert worker.due == worker.began + LAST_PAUSE
    assert "worker 0 cannot be started: Resource temporarily unavailable" in caplog.text


def test_without_a_backplane_there_are_no_workers() -> None:
    done = run("serve", "--port", "0", "--workers", "2")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("give them a backplane")
