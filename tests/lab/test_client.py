"""One person in a notebook: what they read is shown by labels, and what did not come is told."""

import pytest

from stages import stage1, stage3
from stages.check.failure import Failure
from stages.lab import Client, Room


@pytest.fixture
def room() -> Room:
    return Room(stage3.Server)


def impatient(person: Client) -> Client:
    person.patience = 0.1
    return person


def test_one_line_is_a_string_and_several_are_a_list(room: Room) -> None:
    alice = room.join("alice")
    alice.send("one", "two", "three")
    assert alice.read() == "[127.0.0.1:alice]127.0.0.1:alice:one"
    assert alice.read(2) == [
        f"[127.0.0.1:alice]127.0.0.1:alice:{text}" for text in ("two", "three")
    ]


def test_lines_are_read_up_to_one_that_is_looked_for(room: Room) -> None:
    alice = room.join("alice")
    alice.send("a", "b", "needle", "c")
    assert [line.rpartition(":")[2] for line in alice.read_until("needle")] == ["a", "b", "needle"]
    assert alice.read().endswith(":c")


def test_pieces_arrive_one_by_one() -> None:
    class Reads(stage1.Server):
        async def handle(self, reader, writer) -> None:  # type: ignore[no-untyped-def]
            while piece := await reader.read(4096):
                writer.write(repr(piece).encode() + b"\n")

    alice = Room(Reads).connect("alice")
    alice.send_pieces(b"a", b"bc", b"d\ne")
    assert alice.read(3) == ["b'a'", "b'bc'", r"b'd\ne'"]


def test_a_wait_in_vain_is_told_by_label_in_one_line(room: Room) -> None:
    alice, bob = room.join("alice", "bob")
    with pytest.raises(Failure) as caught:
        impatient(alice).read()
    assert str(caught.value) == "alice: nothing came in 0.1 s"
    assert caught.value._render_traceback_() == [str(caught.value)]
    with pytest.raises(Failure) as caught:
        impatient(bob).reads(alice.says("hello"))
    assert str(caught.value).splitlines() == [
        "bob: nothing came in 0.1 s",
        "  expected  [127.0.0.1:alice]127.0.0.1:alice:hello",
    ]


def test_the_end_and_what_is_left_before_it(room: Room) -> None:
    alice, bob = room.join("alice", "bob")
    bob.half_close()
    assert bob.read_end() == "end of the stream"
    alice.send("hello")
    alice.half_close()
    assert [line.rpartition(":")[2] for line in alice.read_rest()] == ["下线", "hello"]
    assert not alice.is_here()


def test_to_listen_in_vain_is_no_failure(room: Room) -> None:
    alice = room.join("alice")
    assert alice.listen(0.05) == []
    alice.send("hello")
    assert len(alice.listen(0.2)) == 1


def test_who_has_left_can_do_nothing_more(room: Room) -> None:
    alice = room.join("alice")
    alice.leave()
    alice.leave()
    for deed in (alice.read, alice.read_end, alice.half_close, alice.reset, alice.listen):
        with pytest.raises(Failure, match="alice: has left the room already"):
            deed()
    with pytest.raises(Failure, match="alice: has left the room already"):
        alice.send("hello?")


def test_one_who_vanishes_is_missed(room: Room) -> None:
    alice, bob = room.join("alice", "bob")
    bob.reset()
    assert alice.read() == "[127.0.0.1:bob]127.0.0.1:bob:下线"
