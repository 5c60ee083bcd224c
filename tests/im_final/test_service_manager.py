"""systemd's side: a socket that is passed, and what the service manager is told."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from im_final import phrases
from tests.im_final.children import PATIENCE, POSIX

pytestmark = POSIX

# As systemd does it: the socket is descriptor 3, and LISTEN_PID is who is told of it.
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=sys.argv[2])
os.execv(sys.executable, [sys.executable, "-m", "im_final", "serve", *sys.argv[3:]])
"""


@contextlib.contextmanager
def passed(sock: socket.socket, *options: str, count: str = "1") -> Iterator[subprocess.Popen[str]]:
    """The program, with this socket passed to it."""
    words = [sys.executable, "-c", HAND_OVER, str(sock.fileno()), count, *options]
    with subprocess.Popen(
        words,
        pass_fds=[sock.fileno()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def test_it_serves_on_the_socket_that_it_is_passed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        early = socket.create_connection(("127.0.0.1", port), PATIENCE)  # Before anybody listens.
        with early, passed(listener, "--port", "1") as child:
            addr = "{}:{}".format(*early.getsockname())
            joined = phrases.SAID.format(addr=addr, name=addr, text=phrases.ONLINE)
            assert early.makefile(encoding="utf-8").readline() == f"{joined}\n"
            assert child.stdout
            assert child.stdout.readline().endswith(f"{phrases.READY} 127.0.0.1:{port}\n")
            child.send_signal(signal.SIGTERM)
            early.shutdown(socket.SHUT_WR)
            assert child.wait(PATIENCE) == 0
            assert child.stderr
            assert child.stderr.read() == ""


@pytest.mark.parametrize(
    ("kind", "count"),
    [(socket.SOCK_DGRAM, "1"), (socket.SOCK_DGRAM, "none"), (socket.SOCK_STREAM, "1")],
    ids=["not TCP", "not a number", "not listening"],
)
def test_a_socket_that_is_of_no_use_is_one_line_and_status_1(
    kind: socket.SocketKind, count: str
) -> None:
    with (
        socket.socket(socket.AF_INET, kind) as useless,
        passed(useless, "--port", "0", count=count) as child,
    ):
        assert child.wait(PATIENCE) == 1
        assert child.stderr
        assert child.stderr.read().count("\n") == 1


def test_sockets_for_another_process_are_left_alone() -> None:
    environment = {**os.environ, "LISTEN_PID": "1", "LISTEN_FDS": "1"}
    words = [sys.executable, "-m", "im_final", "serve", "--port", "0"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, encoding="utf-8", env=environment
    ) as child:
        assert child.stdout
        assert phrases.READY in child.stdout.readline()
        child.terminate()
        assert child.wait(PATIENCE) == 0


@pytest.mark.parametrize("abstract", [False, True], ids=["file", "abstract"])
def test_the_service_manager_is_told_when_it_is_ready_and_when_it_stops(
    tmp_path: Path, abstract: bool
) -> None:
    if abstract and sys.platform != "linux":
        pytest.skip("abstract sockets are Linux's")
    name = f"@im_final-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(PATIENCE)
        manager.bind("\0" + name[1:] if abstract else name)
        words = [sys.executable, "-m", "im_final", "serve", "--port", "0"]
        environment = {**os.environ, "NOTIFY_SOCKET": name}
        with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment) as child:
            told = manager.recv(1000).decode()
            assert told.splitlines() == ["READY=1", f"STATUS={phrases.READY}"]
            child.terminate()
            assert manager.recv(1000) == b"STOPPING=1"
            assert child.wait(PATIENCE) == 0


def test_a_manager_that_has_gone_does_no_harm() -> None:
    environment = {**os.environ, "NOTIFY_SOCKET": "/nowhere/at/all"}
    words = [sys.executable, "-m", "im_final", "serve", "--port", "0"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, encoding="utf-8", env=environment
    ) as child:
        assert child.stdout
        assert phrases.READY in child.stdout.readline()
        child.terminate()
        assert child.wait(PATIENCE) == 0
