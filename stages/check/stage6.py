"""What stage 6 promises: a user takes a free and honest name, and exactly one user gets it."""

from stages import phrases
from stages.check.client import Client
from stages.check.failure import Failure
from stages.check.room import Room
from stages.check.stage3 import is_chat
from stages.check.stage5 import asks_who, in_two_pieces, who
from stages.check.suite import Checks

checks = Checks(6)


@checks.add("`rename|bob` is answered: old name, new name")
def renamed(room: Room) -> None:
    """Answer with the tutorial's text, whose comma is the ASCII one."""
    (alice,) = room.join("alice")
    for name in ("bob", "zoe", "Bob", "bill"):
        alice.take_name(name)


@checks.add("the new name shows in chat, in `who` and in the leave line; others are not told")
def new_name_is_used(room: Room) -> None:
    """Change the name in the user and in the roster; the address stays what it is."""
    alice, bob = room.join("alice", "bob")
    bob.take_name("Robert")
    room.nothing_else(alice)
    room.nothing_else(bob)
    asks_who(alice, room)
    bob.half_close()
    room.gone(bob)


@checks.add("a name is free again when its owner takes another or leaves")
def name_is_freed(room: Room) -> None:
    """Take the old name out of the roster when a user is renamed, and the new one at the end."""
    alice, bob = room.join("alice", "bob")
    alice.take_name("first")
    alice.take_name("second")
    bob.take_name("first")
    alice.half_close()
    room.gone(alice)
    alice.reads_end()
    bob.take_name("second")
    asks_who(bob, room)
    room.nothing_else(bob)


@checks.add("a renamed user keeps their place in `who`")
def keeps_the_place(room: Room) -> None:
    """`who` is in the order of joining, whatever anybody is called."""
    alice, bob, _ = room.join("alice", "bob", "carol")
    alice.take_name("zoe")
    bob.take_name("bob")
    alice.take_name("adam")
    asks_who(alice, room)
    room.nothing_else(alice)


@checks.add("a name in use is refused, one's own included", "N7")
def name_taken(room: Room) -> None:
    """Look the new name up in the roster before you take it."""
    alice, bob = room.join("alice", "bob")
    alice.take_name("Alice")
    for client in (alice, bob):
        client.send("rename|Alice")
        client.reads(phrases.NAME_TAKEN)
    room.nothing_else(bob)


@checks.add("a name that is not valid is refused", "N1", "N2", "N3", "N4")
def invalid_names(room: Room) -> None:
    """1 to 32 characters; no white space, |, [, ], control or format character; no command word."""
    (alice,) = room.join("alice")
    names = (
        "", "|x", "a|b", "a b", " a", "a\t", "a\u3000b", "\u2028", "[a", "a]", "a] is online[root",
        "who", "rename", "to", "\x1b[31mred", "\x00", "\x7f", "\u202eevil", "zero\u200bwidth",
        "x" * 33, "名" * 33, "x" * 4000, "🙂" * 33, "e\u0301" * 17, "bob ", "bob\t", "\u3000",
        "a\xa0b", "a\u2009b", "a\x85b", "a\x80", "\x9f", "a\xadb", "a\u200db", "a\u200cb",
        "a\ufeffb", "\u2060a", "a\u2029", "\U000e0041a",
    )  # fmt: skip
    for name in names:
        alice.send(f"rename|{name}")
        alice.reads(phrases.NAME_INVALID)
    room.nothing_else(alice)


@checks.add("names of 1 and of 32 characters are fine, in any script")
def valid_names(room: Room) -> None:
    """Count characters, not bytes, and refuse no more than the rule says."""
    (alice,) = room.join("alice")
    names = (
        "a", "x" * 32, "名" * 32, "🙂" * 32, "e\u0301" * 16, "\u0301", "Who", "o'neil-2.0_(x)",
        "🙂", "1.2.3.4", "bob:42", "whoever", "to-day", "%s", "{0}", "\\n", '"', "ñandú", "Иван",
    )  # fmt: skip
    for name in names:
        alice.take_name(name)
    room.nothing_else(alice)


@checks.add("whether `Alice` and `alice` are one name is the server's choice")
def like_names(room: Room) -> None:
    """Say yes or no, and show a name as it was typed, whatever you compare it by."""
    alice, bob = room.join("alice", "bob")
    alice.take_name("Alice")
    for name in ("alice", "ALICE", "\uff21\uff4c\uff49\uff43\uff45"):
        bob.send(f"rename|{name}")
        if got_the_name(bob, name):
            bob.name = name
    asks_who(alice, room)
    room.nothing_else(bob)


@checks.add("nobody can be called by an address: not another's, not a future one", "N5", "N6")
def address_as_name(room: Room) -> None:
    """A name shaped like ip:port is not valid: it is, or will be, somebody's first name."""
    alice, bob = room.join("alice", "bob")
    for name in (bob.addr, "192.0.2.1:1", "10.20.30.40:65535", "::1:9999"):
        alice.send(f"rename|{name}")
        alice.reads(phrases.NAME_INVALID)
    room.nothing_else(alice)


@checks.add("a name ends with its line, whatever a read brings", "F1", "F2", "F9")
def rename_and_more(room: Room) -> None:
    """The name ends with the line, and so does the answer."""
    alice, bob = room.join("alice", "bob")
    in_two_pieces(room, alice, "rename|first", bob)
    alice.reads(phrases.RENAMED.format(old=alice.name, new="first"))
    alice.name = old = "first"
    alice.send_bytes(b"rename|Alice\nwho\nrename|Alice\r\n")
    alice.name = "Alice"
    done = phrases.RENAMED.format(old=old, new="Alice")
    alice.reads(done, *who(room), phrases.NAME_TAKEN)
    room.nothing_else(alice)


@checks.add("`rename` without a bar and `Rename|x` are chat")
def not_quite_rename(room: Room) -> None:
    """The command is a line that starts with `rename|`, exactly."""
    is_chat(room, "rename", "rename bob", "Rename|bob", " rename|bob", "rename |bob", "renamed|bob")


@checks.add("twenty ask for one name at once: one gets it", "N7")
def race_for_a_name(room: Room) -> None:
    """Check and take a name in one step: between the two, nobody else may have a turn."""
    crowd = room.join(*[f"user{number}" for number in range(1, 21)])
    with room.transcript.summary("all twenty send rename|bob at the same moment"):
        with room.at_once():
            for client in crowd:
                client.send("rename|bob")
        winners = [client for client in crowd if got_the_name(client, "bob")]
    if len(winners) != 1:
        many = "more than one was" if winners else "nobody was"
        raise Failure(f"{many} told that they are bob now")
    winners[0].name = "bob"
    asks_who(crowd[0], room)


def got_the_name(client: Client, name: str) -> bool:
    """Whether the answer to a rename is yes."""
    done = phrases.RENAMED.format(old=client.name, new=name)
    answer = client.next_line(done)
    if answer not in (done, phrases.NAME_TAKEN):
        raise Failure("neither yes nor no", done, answer, client.label)
    return answer == done


@checks.add("eight rename all the time: no update is lost", "C4")
def rename_storm(room: Room) -> None:
    """The roster is shared: only one may change it at a time, and reading counts as well."""
    crowd = room.join(*[f"user{number}" for number in range(1, 9)])
    rounds = 200
    with room.transcript.summary(f"eight users send {rounds} renames each, all at once"):
        with room.at_once():
            for client in crowd:
                names = [f"{client.label}-{number}" for number in range(rounds)]
                client.send_bytes("".join(f"rename|{name}\n" for name in names).encode())
        for client in crowd:
            for number in range(rounds):
                new = f"{client.label}-{number}"
                client.reads(phrases.RENAMED.format(old=client.name, new=new))
                client.name = new
    asks_who(crowd[0], room)
