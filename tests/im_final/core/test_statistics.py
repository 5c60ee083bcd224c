"""What is counted begins with nothing, and each server counts for itself."""

from dataclasses import FrozenInstanceError

import pytest

from im_final.statistics import ConnectionStatistics, Counts, Statistics


def test_counts_begin_with_nothing() -> None:
    counts = Counts()
    assert (counts.lines_in, counts.bytes_in, counts.directs, counts.bytes_out) == (0, 0, 0, 0)
    assert not counts.departures
    assert not counts.refusals


def test_each_server_counts_for_itself_and_apart_what_is_apart() -> None:
    one, other = Counts(), Counts()
    one.departures["idle"] += 1
    assert not one.refusals
    assert other == Counts()


def test_a_count_that_there_is_not_is_a_mistake() -> None:
    with pytest.raises(AttributeError):
        Counts().line_in = 1  # type: ignore[attr-defined]


def test_what_was_seen_at_a_moment_stays_as_it_was_seen() -> None:
    connection = ConnectionStatistics("192.0.2.1:5", None, 0, 0, False, False, 0.0)
    with pytest.raises(FrozenInstanceError):
        connection.owed = 1  # type: ignore[misc]
    server = Statistics(0, 0, Counts(), [], 0, 0, 0, [], 0.0)
    with pytest.raises(FrozenInstanceError):
        server.users = 1  # type: ignore[misc]
