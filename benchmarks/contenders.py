"""Who is measured: how each server is started, what it speaks, what to install if it is missing.

Every server runs on one core, the load on another. Each is told to be as quiet and as fast as its
options allow: what was set is said here and in the report.
"""

import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import psutil

from stages.check.program import free_port

START = 10.0  # Seconds until a server must listen.
END = 5.0  # Seconds that it has to end.
SERVER_CORE, LOAD_CORE = 0, -1  # Of those that there are.
PYTHON = sys.executable
NGIRCD = """[Global]
Name = irc.local
Info = measured
Listen = 127.0.0.1
Ports = {port}
ServerUID = {uid}
ServerGID = {gid}
MotdPhrase = none
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
Syslog = no
AllowRemoteOper = no
"""


class CannotRun(Exception):
    """A contender does not take part; the message says why, and what would help."""


@dataclass(frozen=True)
class Contender:
    """A server: `command` has `{port}` in it, and `{dir}` for a folder of its own."""

    name: str
    command: Sequence[str]
    dialect: str = "chat"
    note: str = ""
    package: str = ""  # Debian's, if `command` is not there.
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)  # Written to `{dir}`, filled in.
    tls: bool = False  # Whether there is to be a certificate with its key in `{dir}/tls.pem`.
    ask: Sequence[str] = ()  # What prints its version.

    def missing(self) -> str:
        """Why it cannot take part; empty if it can."""
        if self.tls and not shutil.which("openssl"):
            return "openssl is not installed, which makes the certificate; it is Debian's openssl"
        if shutil.which(self.command[0]):
            return ""
        if self.package:
            return f"{self.command[0]} is not installed; Debian's package is {self.package}"
        return f"{self.command[0]} is not there"

    def version(self) -> str:
        """What it says of itself, in a line."""
        if not self.ask:
            return self.note or shlex.join(self.command)
        try:
            done = subprocess.run(
                self.ask, capture_output=True, text=True, errors="replace", check=False
            )
        except OSError:
            return self.note
        said = (done.stdout or done.stderr).strip().partition("\n")[0]
        said = said.removeprefix(f"{self.command[0]}: ")  # Where it is, is of no interest.
        return f"{said}; {self.note}" if self.note else said


def ours(name: str, *words: str, note: str, tls: bool = False) -> Contender:
    """A server of this project."""
    return Contender(name, [PYTHON, "-m", *words], note=note, tls=tls, ask=[PYTHON, "--version"])


def im_final(name: str, loop: str, *, tls: bool = False) -> Contender:
    """The finished server, with all its limits but the number of connections as they are."""
    words = ["serve", "--port", "{port}", "--max-connections", "20000", "--loop", loop]
    words += ["--tls-cert", "{dir}/tls.pem"] if tls else []
    version = f" {metadata.version('uvloop')}" if loop == "uvloop" else "'s own loop"
    return ours(name, "im_final", *words, note=f"{loop}{version}", tls=tls)


CONTENDERS = (
    im_final("im_final", "asyncio"),
    im_final("im_final, uvloop", "uvloop"),
    im_final("im_final, TLS", "asyncio", tls=True),
    im_final("im_final, uvloop, TLS", "uvloop", tls=True),
    ours("stage 8", "stages.stage8", "--port", "{port}", "--idle-timeout", "3600",
         note="idle limit an hour"),
    Contender(
        "redis",
        ["redis-server", "--bind", "127.0.0.1", "--port", "{port}", "--save", "",
         "--appendonly", "no", "--maxclients", "20000",
         "--client-output-buffer-limit", "pubsub 0 0 0"],
        "redis",
        "publish and subscribe, RESP3; no persistence, no limit to output buffers",
        "redis-server",
        ask=["redis-server", "--version"],
    ),
    Contender(
        "nats-server",
        ["nats-server", "-a", "127.0.0.1", "-p", "{port}"],
        "nats",
        "defaults: 64 MiB may wait for one client",
        "nats-server",
        ask=["nats-server", "--version"],
    ),
    Contender(
        "ngircd",
        ["ngircd", "--nodaemon", "--config", "{dir}/ngircd.conf"],
        "irc",
        "flood penalty off, no limits to connections",
        "ngircd",
        files={"ngircd.conf": NGIRCD},
        ask=["ngircd", "--version"],
    ),
)  # fmt: skip
LIMIT = ours(
    "limit",
    "benchmarks.limit",
    "--port",
    "{port}",
    note="a bare loop, as much in a write as im_final",
)


def tutorial(program: str) -> Contender:
    """The tutorial's Go program at stage 8, which takes its port and limit from the environment."""
    return Contender(
        "tutorial (Go)",
        [program],
        "chat, a read is a line",
        "its stage 8, with its idle limit lifted",
        environment={"PORT": "{port}", "TIMEOUT_S": "36000"},
        ask=["go", "version", program],
    )


def from_option(text: str) -> Contender:
    """NAME=COMMAND, for any server that speaks the protocol. Raises ValueError."""
    name, equals, command = text.partition("=")
    if not equals or "{port}" not in command:
        raise ValueError(f"{text!r} is not NAME=COMMAND with {{port}} in it")
    return Contender(name, shlex.split(command))


class Running:
    """A contender that listens, on its core. As a context manager it ends with the block.

    Raises CannotRun.
    """

    def __init__(self, contender: Contender) -> None:
        if reason := contender.missing():
            raise CannotRun(reason)
        self.contender = contender
        self.folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        fill = {"port": self.port, "dir": self.folder.name, "uid": os.getuid(), "gid": os.getgid()}
        for name, text in contender.files.items():
            Path(self.folder.name, name).write_text(filled(text, fill), encoding="utf-8")
        if contender.tls:
            make_certificate(Path(self.folder.name, "tls.pem"))
        environment = {name: filled(text, fill) for name, text in contender.environment.items()}
        self.log = Path(self.folder.name, "log")
        try:
            with self.log.open("wb") as log, on_core(SERVER_CORE):
                self.process = subprocess.Popen(
                    [filled(word, fill) for word in contender.command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **environment},
                )
        except OSError as error:
            self.folder.cleanup()
            raise CannotRun(f"{contender.command[0]}: {error.strerror}") from error
        self.pid = self.process.pid
        try:
            self._wait_until_listening()
        except BaseException:
            self.stop()
            raise

    def _wait_until_listening(self) -> None:
        deadline = time.monotonic() + START
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise CannotRun(f"it ended at once: {self.last_words()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise CannotRun(f"it did not listen within {START:g} s")

    def last_words(self) -> str:
        """The last line of its log."""
        text = self.log.read_text(errors="replace").strip()
        return text.rpartition("\n")[2] or f"status {self.process.returncode}"

    def stop(self) -> None:
        """End it, gently first."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(END)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.folder.cleanup()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started meanwhile has one core, from its first moment on, with all its threads."""
    process = psutil.Process()
    cores = process.cpu_affinity()
    process.cpu_affinity([cores[core]])
    try:
        yield
    finally:
        process.cpu_affinity(cores)


def filled(text: str, words: Mapping[str, object]) -> str:
    """`text` with what is known put in for `{port}` and the like; other braces stay."""
    for name, value in words.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def make_certificate(path: Path) -> None:
    """A certificate for a day, and its key (P-256, as most of the web has)."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout", path, "-out", path],
        check=True,
        capture_output=True,
    )  # fmt: skip
