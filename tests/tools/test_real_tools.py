"""Stage 8 as people use it: with nc, telnet and our client, each typed into on a terminal.

One story goes through all eight features. Told with nc, it is the transcript in the README, where
the ports are replaced by 50001 and 50002: `python tests/tools/test_real_tools.py` prints it anew.
"""

import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from stages import phrases
from stages.check.program import Program
from tests.needs import need

README = Path(__file__).parents[2] / "README.md"
IDLE = 3.0
PATIENCE = 10.0
PORTS = {"alice": "50001", "bob": "50002"}
CLIENT = "stages.client"
HUNG_UP = "(the server has ended the connection)"


def spawn(tool: str, port: int) -> "pexpect.spawn[str]":
    """Start `tool`, connected to this port, on a terminal that does not echo."""
    command = [tool, "127.0.0.1", str(port)]
    if tool == CLIENT:
        command = [sys.executable, "-m", CLIENT, "--port", str(port)]
    return pexpect.spawn(command[0], command[1:], timeout=PATIENCE, encoding="utf-8", echo=False)


class Person:
    """Someone at a terminal in which `tool` runs. `screen` is what they typed and read."""

    def __init__(self, label: str, tool: str, port: int) -> None:
        self.screen = [f"$ {tool} 127.0.0.1 9999"]
        self.label = label
        self.tool = tool
        self.terminal = spawn(tool, port)
        self.port = self.wait_for(r"\[127\.0\.0\.1:(\d+)\]127\.0\.0\.1:\d+:" + phrases.ONLINE)

    def wait_for(self, pattern: str) -> str:
        """Read until a line is `pattern`; returns its first group."""
        self.terminal.expect(r"(?:^|(?<=\n))" + pattern + r"\r?\n")
        self.screen.append(self.terminal.match.group(0).strip("\r\n"))
        return self.terminal.match.group(1) if self.terminal.match.groups() else ""

    def types(self, text: str) -> None:
        """Type a line and press Enter."""
        self.terminal.sendline(text)
        if self.tool == "telnet":  # It turns the terminal's echo on again.
            self.terminal.expect_exact(f"{text}\r\n")
        self.screen.append(f"» {text}")

    def reads(self, *lines: str) -> None:
        """The next lines on the screen are these."""
        for line in lines:
            self.terminal.expect(r"([^\r\n]*)\r?\n")
            assert self.terminal.match.group(1) == line
            self.screen.append(line)

    @property
    def addr(self) -> str:
        """How the server sees them."""
        return f"127.0.0.1:{self.port}"


@contextmanager
def server() -> Iterator[int]:
    """Stage 8 as a program; yields its port."""
    command = [
        sys.executable,
        "-m",
        "stages.stage8",
        "--port",
        "{port}",
        "--idle-timeout",
        "{idle}",
    ]
    program = Program(command, IDLE)
    try:
        program.wait_until_listening(PATIENCE)
        yield program.port
    finally:
        program.stop()


def tell(tool: str, port: int) -> list[Person]:
    """The story: come, rename, talk, ask, whisper, make mistakes, fall silent."""
    alice = Person("alice", tool, port)
    alice.types("rename|alice")
    alice.reads(phrases.RENAMED.format(old=alice.addr, new="alice"))

    bob = Person("bob", tool, port)
    alice.reads(phrases.SAID.format(addr=bob.addr, name=bob.addr, text=phrases.ONLINE))
    bob.types("rename|alice")
    bob.reads(phrases.NAME_TAKEN)
    bob.types("rename|bob")
    bob.reads(phrases.RENAMED.format(old=bob.addr, new="bob"))

    alice.types("hello, bob")
    hello = phrases.SAID.format(addr=alice.addr, name="alice", text="hello, bob")
    alice.reads(hello)
    bob.reads(hello)
    bob.types("who")
    bob.reads(phrases.IS_ONLINE.format(name="alice"), phrases.IS_ONLINE.format(name="bob"))
    bob.types("to|alice|你好呀")
    alice.reads(phrases.PRIVATE.format(sender="bob", text="你好呀"))
    bob.types("to|alice")
    bob.reads(phrases.PRIVATE_FORMAT)

    alice.reads(phrases.KICKED)
    bob.reads(phrases.SAID.format(addr=alice.addr, name="alice", text=phrases.OFFLINE))
    bob.types("good night, then")
    bob.reads(phrases.SAID.format(addr=bob.addr, name="bob", text="good night, then"))
    return [alice, bob]


def transcript(people: list[Person]) -> str:
    """Their screens, one below the other, with ports that do not change."""
    screens = []
    for person in people:
        screens.append("\n".join([f"{person.label}:", *person.screen]))
    text = "\n\n".join(screens)
    for person in people:
        text = re.sub(rf"(?<=127\.0\.0\.1:){person.port}(?!\d)", PORTS[person.label], text)
    return f"```console\n{text}\n```\n"


def test_nc_tells_the_story_that_the_readme_shows() -> None:
    need("nc")
    with server() as port:
        people = tell("nc", port)
    assert transcript(people) in README.read_text(encoding="utf-8")


def test_telnet_tells_the_same_story() -> None:
    need("telnet")
    with server() as port:
        for person in tell("telnet", port):
            person.terminal.expect_exact("Connection closed by foreign host.")
            person.terminal.expect(pexpect.EOF)


def test_our_client_tells_the_same_story() -> None:
    with server() as port:
        alice, bob = tell(CLIENT, port)
        alice.reads(HUNG_UP)  # After ten silent seconds.
        alice.terminal.expect(pexpect.EOF)
        assert alice.terminal.wait() == 0
        bob.terminal.sendintr()
        bob.terminal.expect(pexpect.EOF)
        assert bob.terminal.wait() == 0


def test_our_client_shows_the_answers_to_what_was_piped_in() -> None:
    with server() as port:
        command = f"printf 'rename|bob\\nwho' | {sys.executable} -m {CLIENT} --port {port}"
        child = pexpect.spawn("sh", ["-c", command], timeout=PATIENCE, encoding="utf-8")
        child.expect(pexpect.EOF)
    assert str(child.before).splitlines()[-2:] == [phrases.IS_ONLINE.format(name="bob"), HUNG_UP]


def test_our_client_says_that_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = spawn(CLIENT, port)
    client.expect(pexpect.EOF)
    (line,) = str(client.before).splitlines()
    assert line.startswith(f"no server listens on 127.0.0.1:{port}: start one in another terminal")
    assert client.wait() == 1


@pytest.mark.parametrize("last", ["", "\n"])
def test_piped_into_nc_the_lines_are_answered_before_the_end(last: str) -> None:
    need("nc")
    with server() as port:
        command = f"printf 'rename|bob\\nwho{last}' | nc -N 127.0.0.1 {port}"
        child = pexpect.spawn("sh", ["-c", command], timeout=PATIENCE, encoding="utf-8")
        child.expect(pexpect.EOF)
    assert str(child.before).splitlines()[-1] == phrases.IS_ONLINE.format(name="bob")


if __name__ == "__main__":
    with server() as free_port:
        print(transcript(tell("nc", free_port)), end="")
