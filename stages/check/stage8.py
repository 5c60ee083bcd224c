"""What stage 8 promises: `to|NAME|TEXT` is read by one user alone; four things can be wrong."""

from stages import phrases
from stages.check.client import Client
from stages.check.failure import Failure, differs
from stages.check.room import Room
from stages.check.stage3 import MUCH, is_chat, reads_valid_text
from stages.check.stage5 import in_two_pieces
from stages.check.stage7 import active_until_kicked
from stages.check.suite import Checks

checks = Checks(8)


def private(sender: Client, text: str) -> str:
    """What the target of a private line reads."""
    return phrases.PRIVATE.format(sender=sender.name, text=text)


@checks.add("`to|bob|hi` is read by bob, and by nobody else")
def private_line(room: Room) -> None:
    """Send the line to the user of that name only; the sender gets nothing back."""
    alice, bob, carol = room.join("alice", "bob", "carol")
    bob.take_name("bob")
    alice.send("to|bob|hi")
    bob.reads(private(alice, "hi"))
    room.nothing_else(alice)
    room.nothing_else(carol)


@checks.add("both are called by the names they have now")
def names_of_today(room: Room) -> None:
    """Look the target up by name, and sign with the sender's name, at the moment of sending."""
    alice, bob = room.join("alice", "bob")
    alice.send(f"to|{bob.addr}|hello stranger")
    bob.reads(private(alice, "hello stranger"))
    alice.take_name("张三")
    bob.take_name("李四")
    alice.send("to|李四|你好呀")
    bob.reads(private(alice, "你好呀"))
    alice.send(f"to|{bob.addr}|still there?")
    alice.reads(phrases.PRIVATE_NO_TARGET)
    room.nothing_else(bob)


@checks.add("a text may have bars in it", "F8")
def bars_in_the_text(room: Room) -> None:
    """Split at the first two bars only: the rest is the text."""
    alice, bob = room.join("alice", "bob")
    bob.take_name("bob")
    for text in ("a|b", "|", "to|alice|x", "who", "rename|x"):
        alice.send(f"to|bob|{text}")
        bob.reads(private(alice, text))
    room.nothing_else(alice)


@checks.add("a private text is passed on as it was typed")
def private_verbatim(room: Room) -> None:
    """Do not strip or format it, and do not use it as a pattern: it is not yours."""
    alice, bob = room.join("alice", "bob")
    bob.take_name("bob")
    in_two_pieces(room, alice, "to|bob|in two pieces", bob)
    bob.reads(private(alice, "in two pieces"))
    for text in (
        " two  spaces ",
        "   ",
        "\ta tab\t",
        "%s %d 100%",
        "{} {0} {text!r}",
        "你好，世界 🙂",
        "x" * 4000,
    ):
        alice.send(f"to|bob|{text}")
        bob.reads(private(alice, text))
    room.nothing_else(alice)


@checks.add("bytes that are not UTF-8 are not passed on in private either", "F5")
def private_invalid_utf8(room: Room) -> None:
    """Decode a line before you look what it is: then no command can forget to."""
    alice, bob = room.join("alice", "bob")
    alice.send_bytes(f"to|{bob.addr}|".encode() + b"caf\xe9 \xff\xfe\n")
    alice.send("after")
    reads_valid_text(bob, alice.says("after"))


@checks.add("`to|NAME`, `to|` and `to||x` are answered with the right form", "C1")
def malformed(room: Room) -> None:
    """Check that both bars and a name are there before you use what is between them."""
    alice, bob = room.join("alice", "bob")
    for text in (f"to|{bob.addr}", "to|", "to||x", "to||", "to|nobody"):
        alice.send(text)
        alice.reads(phrases.PRIVATE_FORMAT)
    room.nothing_else(bob)


@checks.add("a name that is not online is answered so")
def nobody_of_that_name(room: Room) -> None:
    """Tell the sender, when the roster has no such name."""
    alice, bob = room.join("alice", "bob")
    bob.take_name("bob")
    bob.half_close()
    room.gone(bob)
    for name in ("nobody", "Bob", "bob", "bob "):
        alice.send(f"to|{name}|hi")
        alice.reads(phrases.PRIVATE_NO_TARGET)
    room.nothing_else(alice)


@checks.add("a name is that of a user to the letter")
def name_to_the_letter(room: Room) -> None:
    """Compare whole names: do not strip, and do not be content with a beginning."""
    alice, bob = room.join("alice", "bob")
    bob.take_name("bobby")
    for name in ("bob", "b", "bobbyx", "bobby ", " bobby", " ", "*", "[bobby]", bob.addr):
        alice.send(f"to|{name}|hi")
        alice.reads(phrases.PRIVATE_NO_TARGET)
    alice.send("to|Bobby|hi")  # Whether that is bobby, is the server's choice.
    alice.send("that is all")
    if (line := alice.next_line(alice.says("that is all"))) == phrases.PRIVATE_NO_TARGET:
        alice.reads(alice.says("that is all"))
    elif line == alice.says("that is all"):
        bob.reads(private(alice, "hi"))
    else:
        raise differs(alice.label, alice.says("that is all"), line)
    bob.reads(alice.says("that is all"))


@checks.add("an empty text is answered so")
def empty_text(room: Room) -> None:
    """`to|bob|` has a target and nothing to say."""
    alice, bob = room.join("alice", "bob")
    bob.take_name("bob")
    alice.send("to|bob|")
    alice.reads(phrases.PRIVATE_EMPTY)
    room.nothing_else(bob)


@checks.add("one can write to oneself")
def to_oneself(room: Room) -> None:
    """There is nothing special about it: the target is online."""
    alice, _ = room.join("alice", "bob")
    alice.take_name("Alice")
    alice.send("to|Alice|remember the milk")
    alice.reads(private(alice, "remember the milk"))
    room.nothing_else(alice)


@checks.add("`to`, `to bob hi` and `To|bob|hi` are chat")
def not_quite_to(room: Room) -> None:
    """The command is a line that starts with `to|`, exactly."""
    is_chat(room, "to", "to bob hi", "To|bob|hi", " to|bob|hi", "to |bob|hi", "too|bob|hi")


@checks.add("private lines and chat arrive in the order they were sent")
def in_order(room: Room) -> None:
    """One channel to each user for everything: a private line must not overtake a broadcast."""
    alice, bob = room.join("alice", "bob")
    bob.take_name("bob")
    said = [f"line {number}" for number in range(1, 21)]
    alice.send_bytes("".join(f"{text}\nto|bob|{text}\n" for text in said).encode())
    for text in said:
        bob.reads(alice.says(text), private(alice, text))
    alice.reads(*[alice.says(text) for text in said])
    room.nothing_else(alice)


@checks.add("a target who does not read harms nobody", "H1", server="fresh")
def stalled_target(room: Room) -> None:
    """A private line is queued like any other: the sender must not wait for the target."""
    mallory = room.join_stalled("mallory")
    (alice,) = room.join("alice")
    with room.transcript.summary(
        "alice writes to mallory, 4000 characters at a time; mallory does not read"
    ):
        write_until_gone(alice, mallory)
    alice.send("still here")
    alice.reads(alice.says("still here"))


@checks.add("reading a private line is no activity", server="idle")
def private_line_is_no_activity(room: Room) -> None:
    """Only what a user sends moves their limit, not what is sent to them."""
    alice, bob = room.join("alice", "bob")
    with room.transcript.summary("alice writes to bob now and then; bob only reads"):
        active_until_kicked(room, bob, lambda: alice.send(f"to|{bob.addr}|hi"))
    alice.reads_up_to(bob.says(phrases.OFFLINE))


def write_until_gone(sender: Client, stalled: Client) -> None:
    """`sender` writes to `stalled`, with chat in between as a barrier, until they have left."""
    text = "x" * 4000
    leave = stalled.says(phrases.OFFLINE)
    for _ in range(MUCH // len(text)):
        sender.send(f"to|{stalled.addr}|{text}")
        sender.send("tick")
        left = False
        while (line := sender.next_line(sender.says("tick"))) != sender.says("tick"):
            left = left or line == leave
        if left:
            return
    raise Failure(f"what waits for {stalled.label} has no bound: still online", leave)
