"""What people in a room do to each other and to the server, and how the journal tells it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from stages import stage1, stage3, stage7, stage8
from stages.check.failure import Failure
from stages.lab import Client, Room
from stages.lab import room as lab_room
from stages.lab.journal import Journal

SHORT = 0.1  # Seconds for what is waited for in vain.


def said(text: str, who: str = "alice") -> str:
    """The line about somebody as it is shown."""
    return f"[127.0.0.1:{who}]127.0.0.1:{who}:{text}"


def failure_of(deed: Any, *arguments: Any) -> str:
    """What is told when a person does or waits for something in vain."""
    with pytest.raises(Failure) as caught:
        deed(*arguments)
    return str(caught.value)


def impatient(person: Client) -> Client:
    person.patience = SHORT
    return person


@pytest.fixture
def room() -> Iterator[Room]:
    with Room(stage3.Server) as opened:
        yield opened


class Says(stage1.Server):
    """Says what it is told to say, and hangs up after the word `bye`."""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Unquote what comes: a backslash and an n are a newline."""
        while (line := (await reader.readline()).decode().rstrip("\n")) not in ("", "bye"):
            writer.write(line.replace("\\n", "\n").encode())


class Fails(stage1.Server):
    """Fails as it is told to."""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Raise, with an address in the text."""
        line = (await reader.readline()).decode().strip()
        peer = "{}:{}".format(*writer.get_extra_info("peername"))
        raise ValueError(f"{peer} said\n{line}")


# The room.


def test_one_who_joins_is_a_person_and_several_are_a_list(room: Room) -> None:
    alice = room.join("alice")
    bob, carol = room.join("bob", "carol")
    assert [person.label for person in (alice, bob, carol)] == ["alice", "bob", "carol"]
    assert room.people == {"alice": alice, "bob": bob, "carol": carol}
    assert repr(room) == "<room of stages.stage3.Server: alice, bob, carol>"


def test_all_have_read_about_all_when_they_have_joined(room: Room) -> None:
    room.join("alice", "bob")
    assert [str(step) for step in room.diagram("x").steps] == [
        "alice connects",
        f"alice ← {said('已上线')}",
        "bob connects",
        f"bob, alice ← {said('已上线', 'bob')}",
    ]
    assert all(not person.unread for person in room.people.values())


def test_everyone_reads_as_often_as_asked_and_only_that_is_returned(room: Room) -> None:
    alice, bob = room.join("alice", "bob")
    alice.send("one", "two", "three")
    assert room.read(2).text().splitlines() == [
        f"  1  alice, bob ← {said('one')}",
        f"  2  alice, bob ← {said('two')}",
    ]
    assert isinstance(room.read(), Journal)
    assert bob.unread == b""


def test_who_has_left_or_does_not_read_is_not_asked_to_read(room: Room) -> None:
    alice, bob = room.join("alice", "bob")
    room.connect("sleepy", reads=False)
    bob.leave()
    assert room.readers() == [alice]
    assert repr(room) == "<room of stages.stage3.Server: alice, sleepy>"
    assert "sleepy connects, and reads nothing" in room.journal.text()


def test_the_older_of_a_label_leaves_and_the_newer_has_another_address(room: Room) -> None:
    first, bob = room.join("alice", "bob")
    second = room.connect("alice")
    assert not first.is_here()
    assert room.people["alice"] is second
    assert first.addr != second.addr
    assert bob.read(2) == [said("下线"), said("已上线")]
    second.send("again")
    assert bob.read() == said("again")


def test_visitors_are_told_in_one_sentence_while_somebody_reads_nothing(room: Room) -> None:
    sleepy = room.connect("sleepy", reads=False)
    alice = room.join("alice")
    room.visit(300)
    alice.read(600)
    room.wait_until(lambda server: alice.addr in server.online_map)
    assert sleepy.is_here()
    assert room.journal.text().count("visit") == 1
    assert "300 visitors connect and leave, one after another" in room.journal.text()
    assert room.journal.text().count("127.0.0.1:?") == 2 * 600


def test_little_is_kept_for_one_who_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stages.stage2.BACKLOG", 1000)
    with Room(stage3.Server) as room:
        sleepy = room.connect("sleepy", reads=False)
        alice = room.join("alice")
        with room.summary("alice talks a lot"):
            for _ in range(100):
                alice.send("x" * 4000)
                alice.read_until("xxx")
        room.wait_until(lambda server: sleepy.addr not in server.online_map)
        assert alice.addr in room.server.online_map  # type: ignore[attr-defined]


def test_tasks_are_conversations_and_what_belongs_to_them(room: Room) -> None:
    assert room.tasks() == 0
    alice, bob = room.join("alice", "bob")
    assert room.tasks() == 4  # Each is served by one task, and listens with another.
    bob.reset()
    alice.read()
    assert room.tasks() == 2


def test_what_is_summed_up_and_noted_stands_in_the_story(room: Room) -> None:
    alice = room.join("alice")
    with room.summary("alice says a hundred things"):
        for _ in range(100):
            alice.send("hi")
            alice.read()
    room.note("and then she is quiet")
    assert [row[5:] for row in room.journal.text().splitlines()[2:]] == [
        "alice says a hundred things",
        "and then she is quiet",
    ]
    assert repr(room.diagram("x")) == f"x\n\n{room.journal.text()}"


# Trouble in the server.


def test_trouble_is_told_in_one_line_by_label() -> None:
    with Room(Fails) as room:
        room.connect("alice").send("<oh>\tno")
        assert room.trouble() == r"ValueError: 127.0.0.1:alice said\n<oh>\tno"
        assert room.journal.text().splitlines()[-1].startswith("  3  server fails: ValueError: ")


def test_troubles_are_told_one_by_one_as_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    with Room(Fails) as room:
        for label in ("alice", "bob"):
            room.connect(label).send("no")
            room.people[label].read_end()
        assert [room.trouble().split()[1] for _ in range(2)] == ["127.0.0.1:alice", "127.0.0.1:bob"]
        monkeypatch.setattr(lab_room, "PATIENCE", SHORT)
        assert failure_of(room.trouble) == "nothing went wrong in the server in 0.1 s"


def test_each_room_has_its_own_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    with Room(Fails, name="one") as one, Room(Fails, name="other") as other:
        one.connect("alice").send("in one")
        assert one.trouble().endswith("in one")
        monkeypatch.setattr(lab_room, "PATIENCE", SHORT)
        assert failure_of(other.trouble) == "nothing went wrong in the server in 0.1 s"


def test_listening_prints_what_the_server_raised(capsys: pytest.CaptureFixture[str]) -> None:
    with Room(Fails) as room:
        alice = room.connect("alice")
        alice.send("a typo")
        assert alice.listen(SHORT) == []
        assert room.trouble() == "ValueError: 127.0.0.1:alice said\\na typo"
        assert (
            capsys.readouterr().out == "in the server: ValueError: 127.0.0.1:alice said\\na typo\n"
        )
        alice.listen(SHORT)
        assert capsys.readouterr().out == ""


def test_a_drawing_shows_what_the_server_raised() -> None:
    with Room(Fails) as room:
        room.connect("alice").send("a typo")
        drawn = room.diagram("Nobody reads")
    assert repr(drawn).endswith("  3  server fails: ValueError: 127.0.0.1:alice said\\na typo")
    assert "server fails: ValueError: 127.0.0.1:alice said\\na typo" in repr(
        room.diagram("When closed")
    )


# Waiting in vain.


def test_nothing_comes(room: Room) -> None:
    alice = impatient(room.join("alice"))
    assert failure_of(alice.read) == "alice: nothing came in 0.1 s"
    assert failure_of(alice.read_end) == "alice: the connection was not closed in 0.1 s"
    assert failure_of(alice.read_rest) == "alice: the connection was not closed in 0.5 s"


def test_a_line_does_not_come_and_others_do(room: Room) -> None:
    alice = impatient(room.join("alice"))
    alice.send("hay")
    assert failure_of(alice.read_until, alice.addr + "needle").splitlines() == [
        "alice: nothing came in 0.1 s",
        "  expected  …127.0.0.1:aliceneedle…",
    ]


def test_a_line_comes_where_the_stream_should_have_ended(room: Room) -> None:
    alice, bob = room.join("alice", "bob")
    bob.send("hello")
    assert failure_of(alice.read_end).splitlines() == [
        "alice: a line came where the stream should have ended",
        f"  got       {said('hello', 'bob')}",
    ]


def test_another_line_comes_and_is_explained_by_label(room: Room) -> None:
    alice, bob = room.join("alice", "bob")
    bob.send("hello")
    assert failure_of(alice.reads, bob.says("hallo")).splitlines() == [
        "alice: 'e' where the protocol has 'a'",
        f"  expected  {said('hallo', 'bob')}",
        f"  got       {said('hello', 'bob')}",
    ]


def test_half_a_line_comes() -> None:
    with Room(Says) as room:
        alice = impatient(room.connect("alice"))
        alice.send("hel")
        assert failure_of(alice.read).splitlines() == [
            "alice: no newline came in 0.1 s",
            "  got       hel",
        ]


def test_the_server_hangs_up() -> None:
    with Room(stage1.Server) as room:
        alice = room.connect("alice")
        assert failure_of(alice.read) == "alice: the server closed the connection"
        assert repr(alice) == "<alice, who has left>"


def test_a_failure_of_many_words_stays_short(room: Room) -> None:
    alice = room.join("alice")
    alice.send("x" * 4000)
    assert max(map(len, failure_of(alice.reads, "y" * 4000).splitlines())) < 120


# Reading.


def test_the_rest_is_what_has_come_and_none_is_left_after_it() -> None:
    with Room(Says) as room:
        alice = room.connect("alice")
        alice.send(r"one\n\ntwo\nhalf", "bye")
        assert alice.read() == "one"
        assert alice.read_rest() == ["", "two", "half"]
        assert alice.read_rest() == []
        assert alice.read_end() == "end of the stream"


def test_to_listen_takes_whole_lines_and_keeps_the_half() -> None:
    with Room(Says) as room:
        alice = room.connect("alice")
        alice.send(r"one\ntwo\nha")
        assert alice.listen(0.3) == ["one", "two"]
        alice.send(r"lf\n")
        assert alice.read() == "half"


def test_to_listen_in_vain_is_told_in_the_story(room: Room) -> None:
    alice = room.join("alice")
    assert alice.listen(SHORT) == []
    assert room.journal.text().endswith("alice reads nothing for 0.1 s")


def test_what_is_read_is_safe_to_print() -> None:
    with Room(Says) as room:
        alice = room.connect("alice")
        alice.send("\x1b[31mred\\n")
        assert alice.read() == r"\x1b[31mred"
        alice.send("\x07\\n")
        assert alice.listen(0.3) == [r"\x07"]


def test_no_port_is_shown_in_anything_that_is_read() -> None:
    with Room(stage8.Server) as room:
        alice, bob = room.join("alice", "bob")
        alice.send("who")
        assert alice.read(2) == ["[127.0.0.1:alice] is online", "[127.0.0.1:bob] is online"]
        alice.send(f"to|{bob.addr}|psst")
        assert bob.read_until("psst") == ["来自:[127.0.0.1:alice]的消息，内容是:psst"]
        bob.send("bye")
        assert alice.listen(0.3) == [said("bye", "bob")]
        bob.half_close()
        assert bob.read_rest() == [said("bye", "bob")]
        shown = room.journal.text() + repr(room.journal.table()) + room.diagram("x").svg()
        assert not any(person.addr in shown for person in (alice, bob))
        assert "to|127.0.0.1:bob|psst" in shown


# Saying something, and going.


def test_bytes_in_pieces_arrive_one_by_one_however_small_and_apart_from_what_came_before() -> None:
    class Counts(stage1.Server):
        async def handle(self, reader: Any, writer: Any) -> None:
            while piece := await reader.read(4096):
                writer.write(f"{len(piece)}\n".encode())

    with Room(Counts) as room:
        alice = room.connect("alice")
        alice.send_bytes(b"x" * 30)
        alice.send_pieces(*[b"x" * n for n in range(1, 30)])
        assert alice.read(30) == ["30", *(str(n) for n in range(1, 30))]


def test_who_ends_their_input_reads_on_until_the_end(room: Room) -> None:
    alice, bob = room.join("alice", "bob")
    bob.send("last words")
    bob.half_close()
    assert bob.is_here()
    assert bob.read_rest() == [said("last words", "bob")]
    assert alice.read(2) == [said("last words", "bob"), said("下线", "bob")]
    assert "bob ends its input" in room.journal.text()


def test_who_vanishes_is_out_of_the_room(room: Room) -> None:
    alice, bob = room.join("alice", "bob")
    bob.reset()
    assert not bob.is_here()
    assert alice.read() == said("下线", "bob")
    assert room.readers() == [alice]
    assert room.diagram("x").steps[-1].online == ("alice",)


def test_who_leaves_twice_is_told_to_leave_once(room: Room) -> None:
    alice, bob = room.join("alice", "bob")
    for _ in range(2):
        bob.leave()
    assert alice.read() == said("下线", "bob")
    assert room.journal.text().count("bob leaves") == 1


@pytest.mark.parametrize("reads", [Client.read_rest, lambda alice: alice.listen(1)])
def test_who_was_shown_out_is_not_online_any_more(reads: Any) -> None:
    with Room(stage7.Server, idle_timeout=SHORT) as room:
        assert reads(room.join("alice")) == ["你已超时，将被踢出下线"]
        assert not room.people["alice"].is_here()
        assert room.diagram("x").steps[-1].online == ()


def test_nobody_waits_at_a_stream_that_has_ended() -> None:
    with Room(stage1.Server) as room:
        alice = room.connect("alice")
        alice.read_end()
        alice.listen(5)
        assert "reads nothing for 5 s" not in room.journal.text()
