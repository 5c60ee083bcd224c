"""What stage 2 promises: everyone online hears who joins; a leaver leaves nothing behind."""

from itertools import zip_longest

from stages import phrases
from stages.check.failure import Failure
from stages.check.room import Room
from stages.check.suite import Checks

VISITS = 400  # At a time, of which 2.6 KB each are noticed.
KEPT = 1 << 20  # Bytes; a program's memory is never quite still.
VISITORS = 4500  # Some 190 KB about them: system and server together can take 135 KB unnoticed.

checks = Checks(2)


@checks.add("the first line a user reads is their own join line")
def own_join_line(room: Room) -> None:
    """Enter the roster first, then broadcast: whoever joins is one of those who hear it."""
    room.join("alice")


@checks.add("everyone online reads the join line of a newcomer")
def join_lines(room: Room) -> None:
    """Send the join line to every user in the roster, and nothing from before to the newcomer."""
    room.join("alice", "bob", "carol")


@checks.add("fifty who join at once all read the joins in the same order", "P3")
def joins_in_one_order(room: Room) -> None:
    """Decide the order of lines once, in one place, and send each to all before the next."""
    crowd = room.connect_at_once(50)
    own = {client: client.says(phrases.ONLINE) for client in crowd}
    with room.transcript.summary("each of them reads the own join"):
        for client, line in own.items():
            client.reads(line)
    last = room.connect("the last")
    end = last.says(phrases.ONLINE)
    last.reads(end)
    with room.transcript.summary("all of them read on, up to the last join"):
        heard = {client: [line, *client.reads_up_to(end)] for client, line in own.items()}
    order = max(heard.values(), key=len)  # Of whoever was the first: any of them may have been.
    for client, lines in heard.items():
        due = order[order.index(own[client]) :] if own[client] in order else order
        for expected, got in zip_longest(due, lines):
            if expected != got:
                cause = "not in the order in which others read the joins"
                raise Failure(cause, expected, got, client.label)


@checks.add("what a user sends is read and ignored", until=2)
def input_is_ignored(room: Room) -> None:
    """Keep reading from the connection, so that its end is seen, and do nothing with what comes."""
    alice, _ = room.join("alice", "bob")
    alice.send("hello")
    room.join("carol")
    room.join("dave")


@checks.add("a user who leaves is closed, and nobody is told", "L5", until=2)
def leaves_silently(room: Room) -> None:
    """At the end of the input take the user off the roster and close the connection."""
    _, bob = room.join("alice", "bob")
    bob.half_close()
    bob.reads_end()
    room.online.remove(bob)
    room.join("carol")


@checks.add("a user whose connection breaks harms nobody", "L5", until=2)
def breaks_off(room: Room) -> None:
    """A read or write error means that this user is gone; end this handler, and no other."""
    _, bob = room.join("alice", "bob")
    bob.reset()
    room.online.remove(bob)
    room.join("carol", "dave")


@checks.add("one who does not read keeps nobody from joining", "H1", until=2)
def stalled_reader(room: Room) -> None:
    """Never wait for one user's socket while serving all: queue, and let each user's task send."""
    room.join_stalled("mallory")
    (alice,) = room.join("alice")
    with room.transcript.summary(f"{VISITORS} users join and leave; alice reads every join line"):
        for _ in range(VISITORS):
            visitor = room.connect("visitor")
            line = visitor.says(phrases.ONLINE)
            visitor.reads(line)
            alice.reads(line)
            visitor.close()


@checks.add("after 50 users have come and gone nothing is left open", "L1")
def fifty_come_and_go(room: Room) -> None:
    """When a user leaves, end their tasks and close the socket: what is kept is kept for ever."""
    program = room.own_program()
    with room.transcript.summary("50 users connect, then all of them leave"):
        before = program.open_files()
        crowd = room.connect_at_once(50)
        for client in crowd:
            client.next_line()
        for client in crowd:
            client.half_close()
            client.rest()
    program.has_at_most_open(before, room.patience)


@checks.add("hundreds who have come and gone are forgotten", "L1")
def forgets_leavers(room: Room) -> None:
    """Let go of a leaver: a list, a task or a timer that still knows them keeps all they had."""
    with room.transcript.summary(f"{VISITS} users come and go one after another, again and again"):
        room.own_program().keeps_nothing(lambda: visits(room), KEPT)


def visits(room: Room) -> None:
    """VISITS users come and go, one after another."""
    for _ in range(VISITS):
        visitor = room.connect("visitor")
        visitor.reads(visitor.says(phrases.ONLINE))
        visitor.half_close()
        visitor.reads_end()
        visitor.close()


@checks.add("out of file descriptors it goes on, and accepts again later", "L4", server="fresh")
def out_of_descriptors(room: Room) -> None:
    """When accept fails with EMFILE wait a moment before the next try: it fails again at once."""
    program = room.own_program()
    (alice,) = room.join("alice")
    program.limit_open_files(program.open_files() + 3)
    room.transcript.note("the server may open 3 more files")
    crowd = room.connect_at_once(10)
    program.is_calm(0.5)
    with room.transcript.summary("user1 to user10 leave, and the server may open files again"):
        for client in crowd:
            client.close()
    program.limit_open_files(None)
    bob = room.connect("bob")
    bob.patience *= 3
    bob.reads(bob.says(phrases.ONLINE))
    while alice.next_line(bob.says(phrases.ONLINE)) != bob.says(phrases.ONLINE):
        pass  # Of the ten, some got in and left.
