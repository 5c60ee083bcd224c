"""What stage 7 promises: who sends no line for the idle limit is told so and shown out.

The limit is the subject here, so these stories let time pass. Who is meant to be active may be late
on a busy machine; `keep_active` and `in_time` notice, since the story would then blame the server.
"""

import contextlib
import time
from collections.abc import Callable, Iterator

from stages import phrases
from stages.check.client import Client
from stages.check.failure import Failure, TooBusy
from stages.check.room import Room
from stages.check.stage3 import reads_past
from stages.check.stage5 import asks_who, who
from stages.check.suite import Checks

MIB = 1 << 20
PACE = 0.2  # An active user acts each time this share of the limit has passed.
MUCH = 50  # Long lines, 200 KB: more than the system takes for one who does not read.
EARLY, OVERDUE = 0.9, 1.4  # Limits; one who looks for the idle once a second is at 1.33.
LONGEST = 3  # Limits after which one who is to be kicked while others are active has to be gone.
POLL = 0.01  # Seconds in which one looks whether they are.
LATE = 0.7  # A gap over this share may be taken for idleness, and be our fault.
TOO_BUSY = "this machine is too busy just now to be active in time"

checks = Checks(7)


def keep_active(room: Room, limits: float, act: Callable[[], None]) -> int:
    """`act` again and again until so many idle limits have passed; returns how often."""
    acts = 0
    last = time.monotonic()
    end = last + limits * room.idle
    while last < end:
        time.sleep(PACE * room.idle)
        act()
        acts += 1
        now = time.monotonic()
        if now - last > LATE * room.idle:
            raise TooBusy(TOO_BUSY)
        last = now
    return acts


@contextlib.contextmanager
def in_time(room: Room) -> Iterator[None]:
    """What is done here is done long before the limit; if not, what comes of it tells nothing."""
    began = time.monotonic()
    try:
        yield
    finally:
        if time.monotonic() - began > LATE * room.idle:
            raise TooBusy(TOO_BUSY)


def active_until_kicked(room: Room, client: Client, act: Callable[[], None]) -> int:
    """`act` again and again until `client` was kicked, in time; returns how often."""
    acts = 0
    while not client.listens(POLL):
        if acts > LONGEST / PACE:
            raise Failure("still not kicked", phrases.KICKED, reader=client.label)
        acts += keep_active(room, PACE, act)
    was_kicked(client)
    return acts


def was_kicked(client: Client) -> None:
    """`client` reads the reason as the last line, then the end of the stream."""
    client.listens(client.patience)  # One that had something to say may be cut, not closed.
    lines = client.rest()
    if lines[-1:] != [phrases.KICKED]:
        last = lines[-1] if lines else None
        raise Failure("the last line is not the reason", phrases.KICKED, last, reader=client.label)


@checks.add("who is idle for the limit reads why and is closed", "K2", server="slow idle")
def kicked(room: Room) -> None:
    """Wait for a line for the limit, no less and not much more; then say why, then close."""
    for _ in range(2):  # Once, this machine may be too busy to be on time.
        began = time.monotonic()
        (alice,) = room.join("alice")
        alice.reads(phrases.KICKED)
        waited = (time.monotonic() - began) / room.idle
        alice.reads_end()
        room.online.remove(alice)
        if waited < EARLY:
            raise Failure("kicked before the limit had passed", reader="alice")
        if waited < OVERDUE:
            return
    raise Failure(f"kicked only when {OVERDUE:g} times the limit had passed", reader="alice")


@checks.add("every line moves the limit, an empty one too", server="idle")
def lines_are_activity(room: Room) -> None:
    """Start to wait afresh whenever a line has come: chat, a command, or an empty one."""
    sent = {"alice": "tick", "bob": "", "carol": "who", "dave": "rename|", "erin": "to|"}
    people = room.join(*sent)

    def act() -> None:
        for client in people:
            with contextlib.suppress(Failure):  # What they have read tells why.
                client.send(sent[client.label])

    kinds = ", ".join(f"`{line}`" if line else "an empty one" for line in sent.values())
    with room.transcript.summary(f"each sends a line now and then, for twice the limit: {kinds}"):
        keep_active(room, 2, act)
        with contextlib.suppress(Failure):
            people[0].send("anything else?")
        for client in people:
            hears_no_kick(client, people[0].says("anything else?"))


def hears_no_kick(client: Client, last: str) -> None:
    """`client` reads up to a line, and is not shown out before."""
    while (line := client.next_line(last)) != last:
        if line == phrases.KICKED:
            raise Failure("kicked, although a line was sent now and then", None, line, client.label)


@checks.add("those who stay read the leave line, once", server="idle")
def kick_is_a_leave(room: Room) -> None:
    """A kicked user leaves as all others do: the same way out, the same line."""
    alice, bob = room.join("alice", "bob")
    with room.transcript.summary("bob sends an empty line now and then; alice does nothing"):
        keep_active(room, 1.6, lambda: bob.send(""))
        was_kicked(alice)
    room.gone(alice)
    room.nothing_else(bob)


@checks.add("reading what others say is no activity", server="idle")
def reading_is_no_activity(room: Room) -> None:
    """Only what a user sends moves their limit."""
    alice, bob = room.join("alice", "bob")
    with room.transcript.summary("alice says a line now and then; bob only reads"):
        said = active_until_kicked(room, bob, lambda: alice.send("tick"))
    room.online.remove(bob)
    with room.transcript.summary("alice reads her lines and, among them, that bob left"):
        alice.reads_in_any_order(bob.says(phrases.OFFLINE), *[alice.says("tick")] * said)
    room.nothing_else(alice)


@checks.add("half a line is no activity", server="idle")
def half_a_line_is_no_activity(room: Room) -> None:
    """Move the limit when a line is complete: or one byte now and then holds a place for ever."""
    alice, mallory = room.join("alice", "mallory")

    def act() -> None:
        alice.send("")
        with contextlib.suppress(Failure):  # Once she is kicked.
            mallory.send_bytes(b"x")

    with room.transcript.summary("mallory sends a byte now and then, and never a newline"):
        active_until_kicked(room, mallory, act)
    room.online.remove(mallory)
    if alice.next_line(mallory.says(phrases.OFFLINE)) != mallory.says(phrases.OFFLINE):
        raise Failure("something else than the leave line came at the kick", reader=alice.label)
    room.nothing_else(alice)


@checks.add("five who are idle together all go; the active one stays", "C2", server="idle")
def idle_together(room: Room) -> None:
    """Two ends at the same moment must not meet: let each user's own task end its connection."""
    crowd = room.join(*[f"user{number}" for number in range(1, 6)])
    (alice,) = room.join("alice")
    with room.at_once():
        for client in crowd:
            client.send("")
    with room.transcript.summary("alice sends an empty line now and then, the five do nothing"):
        keep_active(room, 1.6, lambda: alice.send(""))
    for client in crowd:
        was_kicked(client)
        room.online.remove(client)
    alice.reads_in_any_order(*[client.says(phrases.OFFLINE) for client in crowd])
    room.nothing_else(alice)


@checks.add("the name of a kicked user is free", "C3", server="idle")
def kicked_name_is_free(room: Room) -> None:
    """A kick takes the user off the roster under the name they have then."""
    alice, bob = room.join("alice", "bob")
    bob.take_name("bob")
    with room.transcript.summary("alice sends an empty line now and then; bob does nothing"):
        keep_active(room, 1.6, lambda: alice.send(""))
    was_kicked(bob)
    room.gone(bob)
    alice.take_name("bob")
    asks_who(alice, room)
    room.nothing_else(alice)


@checks.add("kicked in the middle of a rename, one stays gone", "C3", server="idle")
def kicked_while_renaming(room: Room) -> None:
    """Change the name and the roster in one step, with no wait in it: a kick may end the wait."""
    text = "x" * 4000

    def act() -> None:
        for client in (alice, mallory):
            client.send("")

    with in_time(room):
        mallory = room.join_stalled("mallory")
        alice, bob = room.join("alice", "bob")
        joins = [client.says(phrases.ONLINE) for client in (alice, bob)]
        with room.transcript.summary(f"alice says {MUCH} long lines; mallory reads none of them"):
            for _ in range(MUCH):
                alice.send(text)
                alice.reads(alice.says(text))
            act()
        bob.name = "bob"
        bob.send("rename|bob")
    with room.transcript.summary("alice and mallory send empty lines; bob does nothing more"):
        keep_active(room, 1.6, act)
        was_kicked(bob)
    room.gone(bob)
    with room.transcript.summary("mallory reads on, to the leave line of bob"):
        mallory.reads(*joins, *[alice.says(text)] * MUCH, bob.says(phrases.OFFLINE))
    room.online.insert(0, mallory)
    asks_who(alice, room)
    room.nothing_else(alice)


@checks.add("a limit ends with its user, not with the name", "K3", server="idle")
def limit_of_the_user(room: Room) -> None:
    """When a user leaves, so does their timer: the name may be another's when it fires."""
    alice, bob = room.join("alice", "bob")
    bob.take_name("bob")
    bob.half_close()
    room.gone(bob)
    alice.take_name("bob")
    with room.transcript.summary("the limit of the first bob passes; the new bob is active"):
        keep_active(room, 1.6, lambda: alice.send(""))
    asks_who(alice, room)
    room.nothing_else(alice)


@checks.add("who ends their input leaves at once, and is not kicked later", "K5", server="idle")
def half_close_is_no_idleness(room: Room) -> None:
    """The end of the input is the end of the visit: answer, leave, close; stop the timer."""
    alice, bob = room.join("alice", "bob")
    bob.send_bytes(b"who\nbye")
    bob.half_close()
    bob.reads(*who(room), bob.says("bye"))
    bob.reads_end()
    alice.reads(bob.says("bye"))
    room.gone(bob)
    with room.transcript.summary("the limit passes; alice is active"):
        keep_active(room, 1.4, lambda: alice.send(""))
    room.nothing_else(alice)


@checks.add("one who does not read is kicked too; the active stay", "H4", server="idle")
def stalled_and_idle(room: Room) -> None:
    """The limit must end whatever a user's task waits in, a write as well as a read."""
    mallory = room.join_stalled("mallory")
    (alice,) = room.join("alice")
    text, leave = "x" * 4000, mallory.says(phrases.OFFLINE)
    left = False
    with room.transcript.summary(
        f"alice says {MUCH} long lines, then sends an empty one now and then"
    ):
        for _ in range(MUCH):
            alice.send(text)
            left = reads_past(alice, alice.says(text), leave) or left
        keep_active(room, 1.6, lambda: alice.send(""))
    if not left:
        alice.reads(leave)
    room.nothing_else(alice)


@checks.add("after a kick and a leave nothing is left running or open", "K1", server="idle")
def leaves_nothing_running(room: Room) -> None:
    """When a user's stream has ended, so must every loop that served it."""
    program = room.own_program()
    before = program.open_files()
    alice, bob = room.join("alice", "bob")
    bob.half_close()
    room.gone(bob)
    alice.reads(phrases.KICKED)
    alice.reads_end()
    room.transcript.note("half the limit passes")
    program.is_calm(max(room.idle / 2, 0.5))
    program.has_at_most_open(before, room.patience)


@checks.add("100,000 lines leave no timers behind", "K6", server="fresh")
def many_lines_cost_nothing(room: Room) -> None:
    """Keep one deadline for each user and move it, or cancel the old timer with every line."""
    program = room.own_program()
    (alice,) = room.join("alice")
    with room.transcript.summary("alice sends 50,000 empty lines, again and again"):
        program.keeps_nothing(lambda: sends_50_000_lines(room, alice), 5 * MIB, 3)


def sends_50_000_lines(room: Room, client: Client) -> None:
    """Empty ones, a part at a time: for each part the server has as long as for anything."""
    for _ in range(10):
        client.send_bytes(b"\n" * 5000)
        room.nothing_else(client)
