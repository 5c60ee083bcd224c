"""What waits to be sent: batches, their bounds, and what becomes of them after trouble."""

import tracemalloc

import pytest

from im_final import phrases
from im_final.cluster import outgoing
from im_final.cluster.outgoing import SHARE
from im_final.fanout import FanOut
from im_final.outbox import FULL
from tests.im_final.cluster.desks import Person
from tests.im_final.cluster.granted import NODE, happens, people
from tests.im_final.core.readers import Soon


def test_what_many_say_in_a_turn_is_one_event() -> None:
    made, _, (alice, bob) = people(2)
    alice.do_message("a")
    bob.do_message("b")
    alice.do_message("c")
    batch = made.outgoing.next(NODE)
    assert batch is not None
    lines = [b"[%s]%s:%s\n" % (p.addr.encode(), p.addr.encode(), t)
             for p, t in ((alice, b"a"), (bob, b"b"), (alice, b"c"))]  # fmt: skip
    assert batch.words == [b"say", b"3\n" + b"".join(lines)]
    assert len(batch.parts) == 1


def test_a_batch_is_sent_until_it_is_acknowledged_and_what_comes_waits() -> None:
    made, _, (alice,) = people(1)
    alice.do_message("a")
    first = made.outgoing.next(NODE)
    alice.do_message("b")
    assert made.outgoing.next(NODE) is first
    made.outgoing.acknowledged()
    second = made.outgoing.next(NODE)
    assert second is not None
    assert first is not None
    assert second.sequence == first.sequence + 1


def test_what_was_not_seen_is_sent_again_as_it_was_even_if_it_was_acknowledged() -> None:
    made, _, (alice,) = people(1)
    sent = []
    for text in "ab":
        alice.do_message(text)
        sent.append(made.outgoing.next(NODE))
        made.outgoing.acknowledged()
    made.outgoing.send_again()
    again = []
    for _ in range(2):
        again.append(made.outgoing.next(NODE))
        made.outgoing.acknowledged()
    assert again == sent
    assert made.outgoing.next(NODE) is None


def test_what_was_seen_is_not_sent_again_though_the_reply_was_lost() -> None:
    made, _, (alice,) = people(1)
    alice.do_message("a")
    batch = made.outgoing.next(NODE)
    assert batch is not None
    assert made.outgoing.seen(batch.sequence) is batch
    made.outgoing.send_again()
    assert made.outgoing.next(NODE) is None


def test_a_new_node_asks_again_for_what_is_to_be_kept_before_all_else() -> None:
    made, _, (alice,) = people(1)
    alice.do_message("lost")
    alice.who()
    made.outgoing.next(NODE)
    alice.do_message("waits")
    made.outgoing.start_again(lambda one: type(one).__name__ == "Who")
    batch = made.outgoing.next(b"n2")
    assert batch is not None
    assert (batch.sequence, batch.words[0], batch.words[1]) == (1, b"who", b"say")
    assert b":waits\n" in batch.words[2]
    assert b"lost" not in b"".join(batch.words)


def test_a_batch_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "BATCH", 1000)
    monkeypatch.setattr(outgoing, "EVENTS", 5)
    made, replica, (alice,) = people(1)
    for _ in range(3):
        alice.say_lines(b"x" * 999 + b"\n", 1)
        alice.who()
    sizes = []
    while not made.outgoing.is_empty:
        batch = made.outgoing.next(NODE)
        assert batch is not None
        sizes.append(len(batch.parts))
        happens(made, replica)
    assert sizes == [1, 2, 2, 1]
    assert made.outgoing.held == 0


def test_who_says_a_lot_is_full_until_it_is_decided() -> None:
    made, replica, (alice,) = people(1)
    while not alice.outbox.is_full:
        alice.say_lines(b"x" * 999 + b"\n", 1)
    held = made.outgoing.held
    assert FULL < held < FULL + 1000
    while not made.outgoing.is_empty:
        happens(made, replica)
    assert (alice.outbox.answers, made.outgoing.held) == (0, 0)


def test_when_much_is_held_everyone_may_ask_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "HELD", 100)
    made, replica, (alice, bob) = people(2)
    alice.say_lines(b"x" * 999 + b"\n", 1)
    assert not alice.outbox.is_full
    before = made.outgoing.held
    bob.do_message("x")
    assert bob.outbox.is_full
    assert 0 < made.outgoing.held - before < 100, "what bob pays beyond that is not held"
    happens(made, replica)
    assert (bob.outbox.answers, made.outgoing.held) == (0, 0)


def test_what_is_held_is_what_the_page_says() -> None:
    """docs/cluster.md, `im_link_held_bytes`."""
    made, _, (alice, bob) = people(2)
    name = len(f"[{alice.addr}]{alice.addr}:")
    for line, cost in (
        ("x" * 999, 64 + (1000 + name) / 4),
        ("y" * 99, (100 + name) / 4),  # It joins the one before.
        (f"to|{bob.addr}|{'x' * 500}", 64 + len(bob.addr) + 500),
        ("who", len(made.roster.listing())),
        ("rename|ann", 64),
        ("rename|", len(f"{phrases.NAME_INVALID}\n".encode())),
    ):
        before = made.outgoing.held
        alice.do_message(line)
        assert made.outgoing.held - before == pytest.approx(cost, abs=1), line


def test_an_answer_that_needs_nobody_waits_for_what_was_asked_before() -> None:
    made, replica, (alice,) = people(1)
    alice.do_message("rename|")
    assert alice.hears()[-1] == phrases.NAME_INVALID
    alice.do_message("hello")
    alice.do_message("rename|")
    alice.do_message("there")
    happens(made, replica)
    said = [f"[{alice.addr}]{alice.addr}:{text}" for text in ("hello", "there")]
    assert alice.hears()[-3:] == [said[0], phrases.NAME_INVALID, said[1]]


def test_a_node_that_ends_still_knows_who_is_in_the_room() -> None:
    made, replica, guests = people(3)
    made.close()
    for guest in guests:
        guest.offline(phrases.CLOSING)
    assert [known.addr for known in replica.state().users] == [guest.addr for guest in guests]


def test_who_types_what_is_wrong_while_nothing_is_decided_is_full_in_the_end() -> None:
    made, replica, (alice,) = people(1)
    alice.do_message("hello")
    wrong = 0
    while not alice.outbox.is_full and wrong < FULL:
        alice.do_message("to|")
        wrong += 1
    line = len(f"{phrases.PRIVATE_FORMAT}\n".encode())
    assert wrong == pytest.approx(FULL / line, abs=2)
    assert made.outgoing.held == pytest.approx(FULL, abs=line)
    happens(made, replica)
    assert made.outgoing.held == 0
    assert alice.hears()[-wrong:] == [phrases.PRIVATE_FORMAT] * wrong
    assert alice.outbox.answers == 0


def test_of_who_comes_and_goes_while_the_room_is_not_reached_nothing_is_kept() -> None:
    made, replica, (alice,) = people(1)
    made.notice = phrases.AWAY
    alice.do_message("hello")
    held = made.outgoing.held
    gone: list[Person] = []
    for number in range(3):
        guest = Person(made, f"192.0.2.2:{50001 + number}")
        guest.online()
        guest.do_message("is this on?")
        guest.do_message("who")
        guest.offline("farewell", lambda guest=guest: gone.append(guest))
        assert gone[-1] is guest
        assert guest.hears() == [phrases.AWAY, phrases.NOT_SENT, "farewell"]
        assert guest.outbox.answers == 0
    assert (len(made.outgoing.waiting), made.outgoing.held) == (1, held)
    assert list(made.people) == [alice]
    happens(made, replica)
    assert alice.hears()[-1].endswith("hello")


def test_who_was_in_the_room_and_goes_while_it_is_not_reached_leaves_when_it_is() -> None:
    made, replica, (alice, bob) = people(2)
    made.notice = phrases.AWAY
    alice.do_message("bye")
    alice.offline()
    happens(made, replica)
    assert [line.rpartition(":")[2] for line in bob.hears()[-2:]] == ["bye", phrases.OFFLINE]


def test_who_speaks_is_written_to_first() -> None:
    made, replica, guests = people(3)
    soon = Soon()
    fanout = FanOut(made.log, [guest.reader for guest in guests], soon, 2**18)
    made.wake = fanout.wake
    order: list[Person] = []
    for guest in guests:
        guest.hears()
        guest.reader.fanout = fanout
        guest.reader.pump = lambda guest=guest: order.append(guest)  # type: ignore[method-assign]
    speaker = guests[-1]
    rings = speaker.reader.rings
    speaker.do_message("hello")
    happens(made, replica)
    soon.turn()
    assert order[0] is speaker
    assert set(order) == set(guests)
    assert speaker.reader.rings == rings


def test_many_short_lines_of_many_people_cost_what_they_take() -> None:
    made, _, guests = people(2)
    lines = 2000
    tracemalloc.start()
    for number in range(lines):
        guests[number % 2].do_message("hi")
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(made.outgoing.waiting) == lines
    assert taken < 2 * SHARE * made.outgoing.held
