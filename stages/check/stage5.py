"""What stage 5 promises: `who` tells the asker, and only the asker, who is online."""

import contextlib
import time

from stages import phrases
from stages.check.client import Client
from stages.check.failure import Failure, differs
from stages.check.room import Room
from stages.check.stage3 import is_chat
from stages.check.suite import Checks

ASKS = 800  # Questions of one who does not read: the answers are 480 KB, or more.
FULL = 400  # Of them answered, nothing more fits: system and server together can take 135 KB.
LONG = 5  # Times the patience for one line, in which all the answers have to come.
FILL = 0.3  # Seconds until nothing fits into mallory's socket; it fills in steps, for 0.1 s or so.

checks = Checks(5)


def who(room: Room) -> list[str]:
    """The answer to `who` now."""
    return [phrases.IS_ONLINE.format(name=client.name) for client in room.online]


@checks.add("`who` alone in the room: one line, oneself")
def who_alone(room: Room) -> None:
    """The line `who` is a command: answer it, and do not broadcast it."""
    (alice,) = room.join("alice")
    alice.send("who")
    alice.reads(*who(room))
    room.nothing_else(alice)


@checks.add("one line for each user online, in the order they joined")
def who_in_join_order(room: Room) -> None:
    """Answer from the roster, which keeps the order; the asker is in it too."""
    for asker in room.join("alice", "bob", "carol"):
        asker.send("who")
        asker.reads(*who(room))


@checks.add("only the asker reads the answer")
def who_for_the_asker(room: Room) -> None:
    """Send the answer to the user who asked; a broadcast would tell everyone."""
    _, bob, _ = room.join("alice", "bob", "carol")
    bob.send("who")
    bob.reads(*who(room))
    room.nothing_else(bob)


@checks.add("who has left is not listed", "L5")
def who_after_leaving(room: Room) -> None:
    """Take a leaver off the roster before the leave line goes out."""
    alice, bob, carol = room.join("alice", "bob", "carol")
    bob.half_close()
    room.gone(bob)
    bob.reads_end()
    for asker in (alice, carol):
        asker.send("who")
        asker.reads(*who(room))


@checks.add("` who`, `who `, `WHO` and `who is it` are chat")
def not_quite_who(room: Room) -> None:
    """Only the line that is exactly `who` is the command."""
    is_chat(room, " who", "who ", "WHO", "who is it", "who|")


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
    answer = [phrases.IS_ONLINE.format(name=client.name) for client in people]
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


@checks.add("people come and go while somebody asks", "C4", server="fresh")
def who_while_the_roster_changes(room: Room) -> None:
    """Do not wait while you go through the roster: it changes under you. Go through a copy."""
    (alice,) = room.join("alice")
    with room.transcript.summary("alice asks 200 times while 20 users come, ask and go"):
        for _ in range(20):
            visitor = room.connect("visitor")
            alice.send_bytes(b"who\n" * 10)
            visitor.send_bytes(b"who\n" * 10)
            visitor.half_close()
            visitor.rest()
        alice.send("that is all")
        while alice.next_line(alice.says("that is all")) != alice.says("that is all"):
            pass
    mallory = room.join_stalled("mallory")
    people = [alice, mallory, *room.join(*[f"user{n}" for n in range(1, 21)])]
    before = [phrases.IS_ONLINE.format(name=client.name) for client in people]
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
        mallory.half_close()
        reads_answers(mallory, before, phrases.IS_ONLINE.format(name=bob.name))


def reads_answers(asker: Client, before: list[str], newcomer: str) -> None:
    """`asker` reads ASKS answers to the end: each is whole, and the last may have a newcomer."""
    answers: list[list[str]] = []
    with contextlib.suppress(Failure):  # Where a stream is cut, and how, depends on the system.
        for line in asker.rest(LONG * asker.patience):
            if line == before[0]:
                answers.append([])
            if answers and line in (*before, newcomer):
                answers[-1].append(line)
    without = answers.count(before)
    if answers != [before] * without + [[*before, newcomer]] * (ASKS - without):
        raise Failure("an answer did not come whole", reader=asker.label)
