"""Entries of the room's stream: read, compared, and whose private lines belong to them."""

import pytest

from im_final.cluster.entries import Entry, Private, chain_after, read_private


def entry(number: int, tag: bytes, before: bytes, *fields: bytes) -> Entry:
    """An entry that follows one with the chain `before`."""
    by = tag + b" " + chain_after(before, tag)
    return Entry.read(b"%d-0" % number, [b"by", by, *fields])


def test_an_entry_says_who_wrote_it_and_what_happened() -> None:
    one = entry(7, b"n1.12", b"c", b"say", b"[a]a:x\n", b"who", b"")
    assert (one.number, one.node, one.sequence) == (7, b"n1", 12)
    assert list(one.events) == [(b"say", b"[a]a:x\n"), (b"who", b"")]


def test_what_is_no_batch_has_no_number_of_a_batch() -> None:
    assert entry(1, b"n1.in", b"").sequence is None
    assert entry(1, b"n1.gone", b"").node == b"n1"


def test_what_nobody_of_us_wrote_is_refused() -> None:
    with pytest.raises(ValueError, match="entry 3"):
        Entry.read(b"3-0", [b"message", b"hello"])


def test_an_entry_follows_the_one_before_and_no_other() -> None:
    one = entry(7, b"n1.1", b"chain")
    assert one.follows(6, b"chain")
    assert not one.follows(5, b"chain")
    assert not one.follows(7, b"chain")
    assert not one.follows(6, b"other")


def test_the_chain_stands_for_all_before() -> None:
    here = chain_after(chain_after(b"x", b"n1.1"), b"n2.1")
    there = chain_after(chain_after(b"y", b"n1.1"), b"n2.1")
    assert here != there
    assert len(here) == 16


def test_private_lines_belong_to_the_nodes_of_their_targets() -> None:
    one = entry(1, b"n1.1", b"", b"told", b"n2.5", b"say", b"told\n")
    assert one.tells(b"n2")
    assert not one.tells(b"n")
    assert not one.tells(b"n1")
    assert not entry(1, b"n1.1", b"", b"say", b"told").tells(b"n2")


def test_a_private_line_has_a_target_a_sender_and_a_text() -> None:
    fields = [b"n2.5", "爱丽丝\n你|好".encode(), b"n2.6", b"bob\nx"]
    assert read_private(fields, b"n2") == [
        Private(b"n2.5", "爱丽丝", "你|好"),
        Private(b"n2.6", "bob", "x"),
    ]
    with pytest.raises(ValueError, match="not written by a node"):
        read_private(fields, b"n")
