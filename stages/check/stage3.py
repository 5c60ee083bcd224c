"""What stage 3 promises: what one says, all read, as whole lines, in one order."""

import contextlib
import os
import signal

from stages import phrases
from stages.check.client import Client
from stages.check.failure import Failure, Skip, differs
from stages.check.room import Room
from stages.check.stage1 import ended_well
from stages.check.stage2 import KEPT
from stages.check.suite import Checks

MIB = 1 << 20
MUCH = 16 * MIB  # More than a server may hold back for one who does not read.
MORE = 50  # Long lines, 200 KB: more than the system holds back by itself, and not that much.

checks = Checks(3)


@checks.add("what a user says goes to everyone online, the sender included")
def chat(room: Room) -> None:
    """Broadcast every line to all users in the roster; the sender is one of them."""
    alice, bob, carol = room.join("alice", "bob", "carol")
    for speaker in (alice, bob, carol):
        speaker.send("hello")
        room.all_read(speaker.says("hello"), first=speaker)


@checks.add("a text is passed on as it was typed")
def verbatim(room: Room) -> None:
    """Do not strip, split or format what a user says: it is not yours."""
    alice, _ = room.join("alice", "bob")
    for text in (
        "  two spaces  ",
        "{addr} %s $HOME \\n",
        "{} {0} {text!r} %d %n 100%",
        "[1.2.3.4:5]root:hi",
        "你好，世界 🙂",
        "\ta tab at\tboth ends\t",
        "   ",
    ):
        alice.send(text)
        room.all_read(alice.says(text), first=alice)


@checks.add("those who stay read the leave line, the leaver does not")
def leave_line(room: Room) -> None:
    """At the end of the input: off the roster first, then the leave line, then close."""
    alice, bob, carol = room.join("alice", "bob", "carol")
    bob.half_close()
    room.gone(bob)
    bob.reads_end()
    room.nothing_else(carol)
    carol.close()
    room.gone(carol)
    room.nothing_else(alice)


@checks.add("a broken connection is a leave like any other", "L5")
def broken_connection(room: Room) -> None:
    """A read error ends the conversation as the end of the input does: same way out."""
    alice, bob = room.join("alice", "bob")
    bob.reset()
    room.gone(bob)
    room.nothing_else(alice)


@checks.add("a line may come byte by byte", "F1")
def byte_by_byte(room: Room) -> None:
    """A read is not a line: keep what came and cut at each newline."""
    alice, bob = room.join("alice", "bob")
    alice.send_bytes(b"hel")
    bob.send("first")  # By the time this is read, so is the half line before it.
    room.all_read(bob.says("first"), first=bob)
    alice.send_bytes(b"lo\n")
    room.all_read(alice.says("hello"), first=alice)
    with room.transcript.summary("alice sends `byte by byte` and a newline, each byte by itself"):
        for byte in b"byte by byte\n":
            alice.send_bytes(bytes([byte]))
    room.all_read(alice.says("byte by byte"), first=alice)


@checks.add("several lines may come at once", "F2")
def lines_in_one_segment(room: Room) -> None:
    """One read may hold many lines: handle every one before reading again."""
    alice, _ = room.join("alice", "bob")
    alice.send_bytes(b"one\ntwo\nthree\nfo")
    room.all_read(alice.says("one"), alice.says("two"), alice.says("three"), first=alice)
    alice.send_bytes(b"ur\n")
    room.all_read(alice.says("four"), first=alice)


@checks.add("a character may be cut in two", "F4")
def cut_character(room: Room) -> None:
    """Cut bytes into lines first and decode each whole line, not each read."""
    alice, bob = room.join("alice", "bob")
    data = "你好\n".encode()
    for cut in (1, 2, 4):
        alice.send_bytes(data[:cut])
        bob.send("wait")
        room.all_read(bob.says("wait"), first=bob)
        alice.send_bytes(data[cut:])
        room.all_read(alice.says("你好"), first=alice)


@checks.add("nobody can speak in another's name", "F6")
def forged_line(room: Room) -> None:
    """A newline ends a line, always: what follows is the same sender's next line."""
    alice, bob = room.join("alice", "bob")
    forged = bob.says("I quit")
    alice.send_bytes(f"x\n{forged}\n".encode())
    room.all_read(alice.says("x"), alice.says(forged), first=alice)


@checks.add("a carriage return before the newline is dropped", "F7")
def carriage_return(room: Room) -> None:
    """Telnet ends a line with CR and LF: drop one CR before the newline, and nothing else."""
    alice, _ = room.join("alice", "bob")
    alice.send_bytes(b"from telnet\r\n")
    room.all_read(alice.says("from telnet"), first=alice)


@checks.add("a line ends with a newline, and with nothing else", "F5", "F7")
def nothing_else_ends_a_line(room: Room) -> None:
    """Cut at the byte 10 alone: not at CR, NUL, form feed or U+2028, as some libraries do."""
    alice, bob = room.join("alice", "bob")
    for text in ("a\rb", "a\0b", "a\vb\fc", "a\x1cb\x1dc\x1ed", "a\x85b", "a\u2028b\u2029c"):
        alice.send(text)
        shown = "".join(char for char in text if char.isprintable())  # Others may be taken out.
        line = alice.next_line(alice.says(text))
        if line not in (alice.says(text), alice.says(shown)):
            raise differs(alice.label, alice.says(text), line)
        bob.reads(line)


@checks.add("an empty line is ignored")
def empty_line(room: Room) -> None:
    """Somebody pressed Enter: there is nothing to say."""
    alice, _ = room.join("alice", "bob")
    alice.send_bytes(b"\n\r\n\n")
    room.nothing_else(alice)


@checks.add("a last line without a newline counts, then the user leaves", "F1")
def unfinished_last_line(room: Room) -> None:
    """When the input ends, what is left of it is the last line: handle it, then say goodbye."""
    _, bob = room.join("alice", "bob")
    bob.send_bytes(b"one\nlast words")
    bob.half_close()
    bob.reads(bob.says("one"), bob.says("last words"))
    bob.reads_end()
    room.online.remove(bob)
    room.all_read(bob.says("one"), bob.says("last words"), bob.says(phrases.OFFLINE))


@checks.add("bytes that are not UTF-8 are never passed on", "F5")
def invalid_utf8(room: Room) -> None:
    """Decode each line with replacement, or refuse it: others can only show valid text."""
    alice, bob = room.join("alice", "bob")
    alice.send_bytes(b"caf\xe9 \xff\xfe\n")
    alice.send("after")
    reads_valid_text(bob, alice.says("after"))


def reads_valid_text(client: Client, last: str) -> None:
    """`client` reads lines that can be shown, whatever they are, up to the last."""
    while (line := client.next_bytes(last)) != last.encode():
        try:
            line.decode()
        except UnicodeDecodeError as error:
            got = line.decode(errors="backslashreplace")
            cause = "bytes that are not UTF-8 were passed on"
            raise Failure(cause, None, got, client.label) from error


@checks.add("a line of 4,095 or 4,096 bytes arrives whole", "F3")
def long_line(room: Room) -> None:
    """Keep reading until the newline: a long line comes in several reads."""
    alice, _ = room.join("alice", "bob")
    for text in ("x" * 4095, "x" * 4096, "长" * 1365 + "x"):
        alice.send(text)
        room.all_read(alice.says(text), first=alice)


@checks.add("a line over 4,096 bytes is refused with a line, and its sender closed", "F3")
def too_long_line(room: Room) -> None:
    """Count the bytes before the newline; over 4,096 send the refusal, then close."""
    alice, bob = room.join("alice", "bob")
    for text in ("x" * 4097, "长" * 1366):
        bob.send(text)
        bob.reads(phrases.TOO_LONG)
        bob.reads_end()
        room.gone(bob)
        room.nothing_else(alice)
        (bob,) = room.join("bob")


@checks.add("what comes before a line that is too long counts, what comes after does not", "F3")
def around_a_long_line(room: Room) -> None:
    """Take the lines in their order, and stop at the one that is too long."""
    alice, bob = room.join("alice", "bob")
    bob.send_bytes(b"one\n" + b"x" * 5000 + b"\ntwo\n")
    bob.reads(bob.says("one"), phrases.TOO_LONG)
    bob.reads_end()
    alice.reads(bob.says("one"))
    room.gone(bob)
    room.nothing_else(alice)


@checks.add("a line over 4,096 bytes that never ends is refused as well", "F3")
def endless_line(room: Room) -> None:
    """Do not wait for the newline to refuse: what is kept of an endless line must stay bounded."""
    alice, bob = room.join("alice", "bob")
    bob.send_bytes(b"x" * 6000)
    bob.reads(phrases.TOO_LONG)
    bob.reads_end()
    room.gone(bob)
    room.nothing_else(alice)


@checks.add("100 MB without a newline cost no memory and harm nobody", "F3", server="fresh")
def flood_without_newline(room: Room) -> None:
    """Bound what you keep for a user who has not finished a line."""
    program = room.own_program()
    (alice,) = room.join("alice")

    def flood() -> None:
        (mallory,) = room.join("mallory")
        with contextlib.suppress(Failure):  # The server may, and should, hang up.
            for _ in range(100):
                mallory.send_bytes(b"x" * 10**6)
        room.gone(mallory)

    with room.transcript.summary("mallory sends 100 MB without a newline, again and again"):
        program.keeps_nothing(flood, 16 * MIB)
    room.nothing_else(alice)


@checks.add("what was said is forgotten")
def forgets_lines(room: Room) -> None:
    """Keep a line until everyone has been sent it, and no longer; the same of a task or a timer."""
    program = room.own_program()
    alice, bob = room.join("alice", "bob")
    text = "x" * 400

    def talk() -> None:
        for _ in range(50):
            alice.send_bytes(f"{text}\n".encode() * 100)
            for client in (alice, bob):
                client.reads(*[alice.says(text)] * 100)

    with room.transcript.summary("alice says 5,000 lines, again and again; bob and she read them"):
        program.keeps_nothing(talk, KEPT)


@checks.add("all users read all lines in the same order")
def same_order(room: Room) -> None:
    """Send each line to all users before the next line is taken up."""
    people = room.join("alice", "bob", "carol")
    with room.transcript.summary("each of them says 30 lines at once, and all read the 90 lines"):
        with room.at_once():
            for client in people:
                said = "".join(f"{client.label} {number}\n" for number in range(1, 31))
                client.send_bytes(said.encode())
        heard = {client.label: [client.next_line() for _ in range(90)] for client in people}
    for client in people:
        own = [client.says(f"{client.label} {number}") for number in range(1, 31)]
        kept = [line for line in heard["alice"] if line in own]
        if kept != own:
            raise Failure(f"the lines of {client.label} are not in the order they were sent")
        if heard[client.label] != heard["alice"]:
            raise Failure(f"{client.label} and alice read the same lines in another order")


@checks.add("one who stops reading is dropped; nobody else notices", "H1", server="fresh")
def stops_reading(room: Room) -> None:
    """Queue for each user apart, never wait for one; drop who is too far behind to catch up."""
    mallory = room.join_stalled("mallory")
    alice, bob = room.join("alice", "bob")
    with room.transcript.summary(
        "alice says line after line of 4000 characters; bob and she read them all"
    ):
        talk_until_gone(alice, mallory, [alice, bob])
    room.nothing_else(bob)


def talk_until_gone(speaker: Client, stalled: Client, listeners: list[Client]) -> None:
    """`speaker` repeats a line, which `listeners` read, until they read that `stalled` left.

    It is said again only when all have read it: whoever reads is never behind.
    """
    text = "x" * 4000
    line, leave = speaker.says(text), stalled.says(phrases.OFFLINE)
    for _ in range(MUCH // len(text)):
        speaker.send(text)
        left = [reads_past(client, line, leave) for client in listeners]
        if any(left):
            return
    waiting = f"{stalled.label} has read nothing for {MUCH // MIB} MiB and is still online"
    raise Failure(f"{waiting}: what waits for one user has no bound", leave)


def reads_past(client: Client, line: str, leave: str) -> bool:
    """`client` reads `line`; whether `leave` came before it."""
    left = False
    while (got := client.next_line(line)) != line:
        if got != leave or left:
            raise differs(client.label, line, got)
        left = True
    return left


@checks.add("one who talks and never reads harms nobody", "H3", server="fresh")
def talks_and_never_reads(room: Room) -> None:
    """A user's own echo is a line like any other: it must not wait for room in their socket."""
    mallory = room.join_stalled("mallory")
    (alice,) = room.join("alice")
    text = "x" * 4000
    line, leave = mallory.says(text), mallory.says(phrases.OFFLINE)
    got = line
    with room.transcript.summary(
        "mallory says line after line of 4000 characters and reads none; alice reads them all"
    ):
        for _ in range(MUCH // len(text)):
            try:
                mallory.send(text)
            except Failure:  # Dropped, or slowed down until she reads: both protect the others.
                break
            if (got := alice.next_line(line)) != line:
                break
    if got not in (line, leave):
        raise differs(alice.label, line, got)
    alice.send("still here")
    while (got := alice.next_line(alice.says("still here"))) != alice.says("still here"):
        if got not in (line, leave):
            raise differs(alice.label, alice.says("still here"), got)


@checks.add("on SIGTERM, what was said is delivered first", "P2", server="fresh")
def delivers_before_the_end(room: Room) -> None:
    """When asked to end, send what waits for each user, and close only then."""
    if os.name != "posix":
        raise Skip("needs POSIX signals")
    program = room.own_program()
    alice = room.join_stalled("alice")
    (bob,) = room.join("bob")
    text = "x" * 4000
    with room.transcript.summary(f"bob says {MORE} lines of 4000 characters and reads them"):
        for _ in range(MORE):
            bob.send(text)
            bob.reads(bob.says(text))
    room.transcript.note("the server is sent SIGTERM")
    wrapper = program.wrapper()
    program.ask_all_to_end(signal.SIGTERM)
    with room.transcript.summary("alice reads now"):
        due = [bob.says(phrases.ONLINE), *[bob.says(text)] * MORE]
        if alice.rest()[: len(due)] != due:
            raise Failure("not all that was said before has come", reader=alice.label)
        bob.rest()
    ended_well(program, wrapper, signal.SIGTERM, room.patience * 2)


@checks.add("before stage 5, `who` is chat", until=4)
def who_is_chat(room: Room) -> None:
    """Commands come with stage 5. If your server has `who` already, check it as stage 5."""
    is_chat(room, "who")


@checks.add("before stage 6, `rename|bob` is chat", until=5)
def rename_is_chat(room: Room) -> None:
    """This command comes with stage 6. If your server has it already, check it as stage 6."""
    is_chat(room, "rename|bob")


@checks.add("before stage 8, `to|bob|hi` is chat", until=7)
def to_is_chat(room: Room) -> None:
    """This command comes with stage 8. If your server has it already, check it as stage 8."""
    is_chat(room, "to|bob|hi")


def is_chat(room: Room, *texts: str) -> None:
    """Each text is said to everyone."""
    alice, _ = room.join("alice", "bob")
    for text in texts:
        alice.send(text)
        room.all_read(alice.says(text), first=alice)
