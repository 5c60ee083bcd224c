"""What stage 5 promises: `who` tells the asker, and only the asker, who is online."""

import contextlib
import time

from stages import phrases
from stages.check.client import Client
from stages.check.failure import Failure, differs
from stages.check.room import Room, highest_port_first
from stages.check.stage3 import is_chat
from stages.check.suite import Checks

CROWD = 8  # So many have an order of which none is right by luck.
MANY = 160  # An answer of more than 4 KB.
ASKS = 800  # Questions of one who does not read: the answers are 480 KB, or more.
FULL = 400  # Of them answered, nothing more fits: system and server together can take 135 KB.
LONG = 5  # Times the patience for one line, in which all the answers have to come.
FILL = 0.3  # Seconds until nothing fits into mallory's socket; it fills in steps, for 0.1 s or so.

checks = Checks(5)


def who(room: Room) -> list[str]:
    """The answer to `who` now."""
    return [is_online(client) for client in room.online]


def is_online(client: Client) -> str:
    """The line about a user in an answer to `who`."""
    return phrases.IS_ONLINE.format(name=client.name)


def asks_who(asker: Client, room: Room) -> None:
    """`asker` asks and reads one line for each user online, in the order they joined."""
    asker.send("who")
    due, came = who(room), []
    for expected in due:
        got = asker.next_line(expected)
        came.append(got)
        if got != expected:
            later = tuple(due[len(came) :])
            raise Failure(what_is_wrong(due, came, asker), expected, got, asker.label, later)


def what_is_wrong(due: list[str], came: list[str], asker: Client) -> str:
    """Why the last line of an answer to `who` is not the one that was due; "" if it is its text."""
    got = came[-1]
    listed = got.startswith("[") and got.endswith(phrases.IS_ONLINE.format(name="")[1:])
    if got in came[:-1]:
        return "somebody is listed twice"
    if listed and got not in due:
        name = f"[{got[1:].partition(']')[0]}]"
        return f"nobody who is online has the name {name}"
    with contextlib.suppress(Failure):
        while len(came) < len(due):
            came.append(asker.next_line())
    return "not in the order in which they joined" if sorted(came) == sorted(due) else ""


@checks.add("`who` alone in the room: one line, oneself")
def who_alone(room: Room) -> None:
    """The line `who` is a command: answer it, and do not broadcast it."""
    (alice,) = room.join("alice")
    asks_who(alice, room)
    room.nothing_else(alice)


@checks.add("one line for each user online, in the order they joined")
def who_in_join_order(room: Room) -> None:
    """Answer from the roster, which keeps the order; the asker is in it too."""
    socks = highest_port_first(room.address, CROWD)
    with room.transcript.summary(f"user1 to user{CROWD} join; the later, the lower their port"):
        for number, sock in enumerate(socks, 1):
            room.enter(room.connect(f"user{number}", sock=sock))
    for asker in (room.online[0], room.online[-1]):
        asks_who(asker, room)


@checks.add("a long answer comes whole")
def long_answer(room: Room) -> None:
    """Write as many bytes as there are: a buffer of fixed size cuts the answer, or worse."""
    with room.transcript.summary(f"{MANY} users join"):
        for number in range(1, MANY + 1):
            asker = room.connect(f"user{number}")
            asker.reads(asker.says(phrases.ONLINE))
            room.online.append(asker)
    asks_who(asker, room)
    asker.send("that is all")
    asker.reads(asker.says("that is all"))


@checks.add("only the asker reads the answer")
def who_for_the_asker(room: Room) -> None:
    """Send the answer to the user who asked; a broadcast would tell everyone."""
    _, bob, _ = room.join("alice", "bob", "carol")
    asks_who(bob, room)
    room.nothing_else(bob)


@checks.add("who has left is not listed", "L5")
def who_after_leaving(room: Room) -> None:
    """Take a leaver off the roster before the leave line goes out."""
    alice, bob, carol = room.join("alice", "bob", "carol")
    bob.half_close()
    room.gone(bob)
    bob.reads_end()
    for asker in (alice, carol):
        asks_who(asker, room)
        room.nothing_else(asker)


@checks.add("` who`, `who `, `WHO` and `who is it` are chat")
def not_quite_who(room: Room) -> None:
    """Only the line that is exactly `who` is the command."""
    is_chat(room, " who", "who ", "WHO", "Who", "who is it", "whoever", "who|", "\twho", "who\t")


@checks.add("`who` may come in two pieces", "F1")
def who_in_pieces(room: Room) -> None:
    """What counts as a command is decided about the line, not about what a read has brought."""
    alice, bob = room.join("alice", "bob")
    in_two_pieces(room, alice, "who", bob)
    alice.reads(*who(room))
    room.nothing_else(alice)


def in_two_pieces(room: Room, client: Client, line: str, other: Client) -> None:
    """`client` sends a line, half of it when all that was sent before has been read."""
    client.send_bytes(line[:2].encode())
    other.send("wait")
    room.all_read(other.says("wait"), first=other)
    client.send(line[2:])


@checks.add("answers and chat keep the order in which they were asked for", "F2", "F9")
def who_between_lines(room: Room) -> None:
    """One channel to each user for everything: an answer must not overtake a broadcast."""
    alice, bob = room.join("alice", "bob")
    alice.send_bytes(b"one\nwho\ntwo\nwho\r\nwho")
    alice.half_close()
    alice.reads(alice.says("one"), *who(room), alice.says("two"), *who(room), *who(room))
    alice.reads_end()
    room.online.remove(alice)
    bob.reads(alice.says("one"), alice.says("two"), alice.says(phrases.OFFLINE))


@checks.add("who asks and does not read slows only themselves", "H2", server="fresh")
def who_without_reading(room: Room) -> None:
    """An answer may wait for its asker to read; nothing else may wait for that answer."""
    people = [room.join_stalled("mallory"), *room.join(*[f"user{n}" for n in range(1, 21)])]
    mallory, alice, bob = people[:3]
    answer = [is_online(client) for client in people]
    mallory.send_bytes(b"who\n" * ASKS)
    with room.transcript.summary("alice talks on, and all but mallory read it"):
        end = time.monotonic() + FILL
        while time.monotonic() < end:
            alice.send("does it go on?")
            room.all_read(alice.says("does it go on?"), first=alice)
    bob.send("who")
    bob.reads(*answer)
    with room.transcript.summary(f"mallory reads again: {ASKS} answers, of 21 lines each"):
        for _ in range(ASKS):
            for expected in answer:
                got = next_answer(mallory, expected)
                if got != expected:
                    raise differs(mallory.label, expected, got)


def next_answer(client: Client, expected: str) -> str:
    """The next line that is not chat or a join."""
    while (
        (line := client.next_line(expected)).startswith("[")
        and "]" in line
        and not (line.endswith(phrases.IS_ONLINE.format(name="")[2:]))
    ):
        pass
    return line


@checks.add("one comes and one goes just when somebody asks", "C4")
def who_while_the_roster_changes(room: Room) -> None:
    """Do not wait while you go through the roster: it changes under you. Go through a copy."""
    alice, *_, visitor = room.join("alice", *[f"user{n}" for n in range(1, 21)])
    stay = who(room)[:-1]
    with room.transcript.summary(
        "alice asks 10 times just when one goes and one comes, again and again"
    ):
        for _ in range(10):
            leaver = visitor
            with room.at_once():
                alice.send_bytes(b"who\n" * 10)
                leaver.half_close()
                visitor = room.connect("visitor")
            heard = alice.reads_until_all(
                visitor.says(phrases.ONLINE), leaver.says(phrases.OFFLINE), *[stay[-1]] * 10
            )
            if [line for line in heard if line in stay] != stay * 10:
                raise Failure("an answer did not come whole", reader=alice.label)


@checks.add("people come while one who does not read has asked", "C4", server="fresh")
def who_while_one_stalls(room: Room) -> None:
    """Make the whole answer before you wait for anything: it may take long to be read."""
    mallory = room.join_stalled("mallory")
    alice, *others = room.join(*[f"user{n}" for n in range(1, 21)])
    before = [is_online(client) for client in (mallory, alice, *others)]
    with room.transcript.summary(
        f"mallory asks {ASKS} times and reads nothing; alice asks and reads"
    ):
        mallory.send_bytes(b"who\n" * ASKS)
        answers, end = 0, time.monotonic() + FILL
        while answers < FULL or time.monotonic() < end:
            alice.send("who")
            alice.reads(*before)
            answers += 1
    bob = room.connect("bob")
    bob.reads(bob.says(phrases.ONLINE))
    with room.transcript.summary("mallory reads on: answers without bob, then with him"):
        mallory.send("that is all")
        reads_answers(mallory, before, is_online(bob))


def reads_answers(asker: Client, before: list[str], newcomer: str) -> None:
    """`asker` reads ASKS answers to the end: each is whole, and the last may have a newcomer."""
    answers: list[list[str]] = []
    asker.patience *= LONG
    with contextlib.suppress(Failure):  # Where a stream is cut, and how, depends on the system.
        for line in asker.reads_up_to(asker.says("that is all")):
            if line == before[0]:
                answers.append([])
            if answers and line in (*before, newcomer):
                answers[-1].append(line)
    without = answers.count(before)
    if answers != [before] * without + [[*before, newcomer]] * (ASKS - without):
        raise Failure("an answer did not come whole", reader=asker.label)
