"""The console sessions of `docs/running.md`, each run as it stands there, but for the ports."""

import grp
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.check.program import free_port
from tests.docs.pages import ROOT, RUNNING, Step, blocks, sessions, text
from tests.docs.terminals import (
    PATIENCE,
    Page,
    Person,
    Terminal,
    play,
    port_in,
    serve_words,
    terminal,
)
from tests.needs import need

NAMES = (
    "start", "talk", "in use", "file", "wrong file", "certificate", "TLS client", "reload",
    "closed room", "password", "units", "activation", "few files", "too few files", "text log",
    "JSON log", "metrics", "stop", "TLS buffer",
)  # fmt: skip
SESSIONS: dict[str, list[Step]] = dict(zip(NAMES, sessions(text(RUNNING)), strict=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the commands are given: as in the folder of the project, and empty."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[tuple[Terminal, int]]:
    """The server, started as the page starts it, and its port."""
    with terminal(serve_words(SESSIONS["start"][0].command), folder) as served:
        yield served, port_in(served.line())


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command of the page, in a shell, with our Python."""
    command = command.replace("python3 ", f"{shlex.quote(sys.executable)} ")
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
    )


def see_it_serve(step: Step, served: Terminal) -> tuple[int, Page]:
    """The server begins as the page has it; its port, and the page's view of it."""
    begun = served.line()
    port = port_in(begun)
    page = Page(port)
    assert page.has(begun) == step.lines[0]
    return port, page


@pytest.mark.parametrize("name", ["start", "file", "closed room"])
def test_it_starts(name: str, folder: Path) -> None:
    *before, last = SESSIONS[name]
    for step in before:
        assert shell(step.command, folder).stdout.splitlines() == step.lines
    with terminal(serve_words(last.command), folder) as served:
        see_it_serve(last, served)
        assert len(last.lines) == 1


def test_people_talk(server: tuple[Terminal, int]) -> None:
    [step] = SESSIONS["talk"]
    with Person(server[1]) as person:
        play(step.lines, person, Page(server[1]))


def test_a_port_that_is_in_use(server: tuple[Terminal, int], folder: Path) -> None:
    start, status = SESSIONS["in use"]
    done = shell(f"{start.command} --port {server[1]}; {status.command}", folder)
    page = Page(server[1])
    assert [page.has(line) for line in done.stdout.splitlines()] == start.lines + status.lines


def test_a_file_with_a_mistake(folder: Path) -> None:
    for step in SESSIONS["wrong file"]:
        assert shell(step.command, folder).stdout.splitlines() == step.lines


def make_certificate(folder: Path) -> Step:
    """Do as the page does; returns the step that starts the server."""
    need("openssl")
    make, start = SESSIONS["certificate"]
    done = shell(make.command, folder)
    assert (done.returncode, done.stdout.splitlines()) == (0, make.lines)
    return start


def test_tls_and_new_certificates(folder: Path) -> None:
    start = make_certificate(folder)
    [client] = SESSIONS["TLS client"]
    reload = SESSIONS["reload"]
    with terminal(serve_words(start.command), folder) as served:
        port, page = see_it_serve(start, served)
        command = f"exec {client.command.replace('9999', str(port))}"
        with terminal(["sh", "-c", command], folder) as openssl:
            play(client.lines, openssl, page)
            served.wait_for("addr=")
            for step in reload:
                if step.command == "kill -HUP PID":
                    served.process.send_signal(signal.SIGHUP)
                    [line] = step.lines
                    assert page.has(served.line()) == line
                else:
                    assert shell(step.command, folder).stdout.splitlines() == step.lines
            play(client.lines[-2:], openssl, page)  # Still there, and nobody else came.


def test_the_tls_port_hangs_up_on_others(folder: Path) -> None:
    start = make_certificate(folder)
    with terminal(serve_words(start.command), folder) as served:
        port, _ = see_it_serve(start, served)
        with Person(port) as person:
            person.type("hello")
            assert person.line() == ""
        assert "handshake failed" in served.line()


def test_the_hook_gives_new_files_to_the_group(tmp_path: Path) -> None:
    group = grp.getgrgid(os.getgid()).gr_name
    (hook,) = [block for block in blocks(text(RUNNING), "sh") if block.startswith("#!/bin/sh")]
    hook = hook.replace("/etc/im-final", str(tmp_path / "etc")).replace("im-final-tls", group)
    for name in ("etc", "bin", "lineage"):
        (tmp_path / name).mkdir()
    for name in ("privkey.pem", "fullchain.pem"):
        (tmp_path / "lineage" / name).write_text(name)
    systemctl = tmp_path / "bin" / "systemctl"
    systemctl.write_text('#!/bin/sh\necho "$@"\n')
    systemctl.chmod(0o700)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", hook],
        env={"PATH": path, "RENEWED_LINEAGE": str(tmp_path / "lineage")},
        check=True, capture_output=True, encoding="utf-8", timeout=PATIENCE,
    )  # fmt: skip
    assert done.stdout == "reload im-final\n"
    for name, source in (("key.pem", "privkey.pem"), ("cert.pem", "fullchain.pem")):
        file = tmp_path / "etc" / name
        assert file.read_text() == source
        assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_password(folder: Path) -> None:
    make, start = SESSIONS["closed room"]
    [talk] = SESSIONS["password"]
    shell(make.command, folder)
    with terminal(serve_words(start.command), folder) as served:
        port, page = see_it_serve(start, served)
        with Person(port) as person:
            play(talk.lines, person, page)


def test_the_units(folder: Path) -> None:
    need("systemd-analyze")
    verify, security = SESSIONS["units"]
    assert shell(verify.command, folder).stdout.splitlines() == verify.lines
    exposure = re.compile(r"→ Overall exposure level for im-final.service: (\d\.\d) OK 🙂")
    [said], [real] = security.lines, shell(security.command, folder).stdout.splitlines()
    assert exposure.fullmatch(said)
    found = exposure.fullmatch(
        real.rstrip()
    )  # Each version of systemd counts a little differently.
    assert found, real
    assert float(found[1]) < 2.5


def test_a_socket_that_was_passed(folder: Path) -> None:
    need("systemd-socket-activate")
    [step] = SESSIONS["activation"]
    port = free_port()
    words = shlex.split(step.command.replace("9999", str(port)))
    words[words.index("python3")] = sys.executable
    passed = ["--setenv=PYTHONPATH", "--setenv=PATH"]
    with terminal([words[0], *passed, *words[1:]], folder) as served:
        served.wait_for("Listening on")
        with Person(port) as person:
            assert person.line() == "[{0}]{0}:已上线".format(
                "{}:{}".format(*person.sock.getsockname())
            )
        assert port_in(served.wait_for("Server 运行成功")) == port


def test_the_service_manager_is_told(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(PATIENCE)
        manager.bind(str(folder / "notify"))
        env = {"NOTIFY_SOCKET": str(folder / "notify")}
        with terminal(serve_words(SESSIONS["start"][0].command), folder, env) as served:
            assert manager.recv(1000).splitlines()[0] == b"READY=1"
            served.process.terminate()
            assert manager.recv(1000) == b"STOPPING=1"


def test_few_files(folder: Path) -> None:
    [step] = SESSIONS["few files"]
    bash, option, script = shlex.split(step.command)
    script = script.replace("python3", f"exec {shlex.quote(sys.executable)}") + " --port 0"
    with terminal([bash, option, script], folder) as served:
        lines = [served.line(), served.line()]
        ready = next(line for line in lines if "运行成功" in line)
        page = Page(port_in(ready))
        assert sorted(page.has(line) for line in lines) == sorted(step.lines)


def test_too_few_files(folder: Path) -> None:
    [step] = SESSIONS["too few files"]
    assert shell(step.command, folder).stdout.splitlines() == step.lines


@pytest.mark.parametrize("name", ["text log", "JSON log"])
def test_the_log(name: str, folder: Path) -> None:
    [step] = SESSIONS[name]
    with terminal(serve_words(step.command), folder) as served:
        port, page = see_it_serve(step, served)
        with Person(port) as alice:
            alice.line()
            alice.type("rename|alice")
            alice.line()
        real = [served.line(), served.line()]
        with Person(port) as browser:
            browser.line()
            browser.type("GET / HTTP/1.1\r")
            while browser.file.readline():
                pass
        real += [served.line(), served.line()]
        assert [page.has(line) for line in real] == step.lines[1:]


def test_metrics(folder: Path) -> None:
    need("curl")
    start, *asked = SESSIONS["metrics"]
    port = free_port()
    with terminal(serve_words(start.command.replace("9100", str(port))), folder) as served:
        port_in(served.line())
        for step in asked:
            done = shell(step.command.replace("9100", str(port)), folder)
            assert done.stdout.splitlines() == step.lines


def test_it_stops(server: tuple[Terminal, int]) -> None:
    served, port = server
    [step] = SESSIONS["stop"]
    with Person(port) as person:
        page = Page(port)
        play(step.lines[:-1], person, page)
        served.process.terminate()
        play(step.lines[-1:], person, page)
        assert person.line() == ""
    assert served.process.wait(PATIENCE) == 0


def test_a_second_signal_ends_it_at_once(folder: Path) -> None:
    words = serve_words(
        "python3 -m im_final serve --drain 1000 --max-stall 1000 --max-backlog 1000000000"
    )
    with terminal(words, folder) as served:
        port = port_in(served.line())
        with Person(port) as deaf, Person(port) as talker:
            deaf.line()
            talker.line()
            for _ in range(8000):  # More than the system takes for one who does not read.
                talker.type("x" * 4000)
                talker.line()
            served.process.terminate()
            assert "即将关闭" in talker.line()
            served.process.terminate()
            assert served.process.wait(PATIENCE) == 1


def test_what_tls_keeps(folder: Path) -> None:
    [step] = SESSIONS["TLS buffer"]
    assert shell(step.command, folder).stdout.splitlines() == step.lines
