"""What stage 4 promises: the same on the wire, visit after visit, with the rules in the user."""

from stages import phrases
from stages.check.room import Room
from stages.check.suite import Checks

checks = Checks(4)


@checks.add("a visit: come, talk, leave, come back")
def visit(room: Room) -> None:
    """Nothing changes on the wire in this stage: `online`, `do_message`, `offline`, in order."""
    (alice,) = room.join("alice")
    for _ in range(3):
        (bob,) = room.join("bob")
        bob.send("hello again")
        room.all_read(bob.says("hello again"), first=bob)
        bob.half_close()
        room.gone(bob)
        bob.reads_end()
    room.nothing_else(alice)


@checks.add("who has left is gone: told once, spoken to no more", "L5")
def gone_is_gone(room: Room) -> None:
    """`offline` takes the user off the roster before it broadcasts, and is called once."""
    crowd = room.join(*[f"user{number}" for number in range(1, 9)])
    for leaver in crowd[1::2]:
        leaver.half_close()
        room.gone(leaver)
        leaver.reads_end()
    for speaker in crowd[::2]:
        speaker.send("who is left?")
        room.all_read(speaker.says("who is left?"), first=speaker)
    for leaver in crowd[0:6:2]:
        leaver.close()
        room.gone(leaver)


@checks.add("twenty who leave at once are each announced once")
def leave_at_once(room: Room) -> None:
    """Leaving changes the roster while others go through it: take care what you iterate over."""
    crowd = room.join(*[f"user{number}" for number in range(1, 21)])
    (alice,) = room.join("alice")
    room.online[:] = [alice]
    with room.transcript.summary("they all leave at the same moment"):
        with room.at_once():
            for client in crowd:
                client.half_close()
        alice.reads_in_any_order(*[client.says(phrases.OFFLINE) for client in crowd])
    room.nothing_else(alice)
