"""What differs, where, and why: `explain` finds the most telling cause, and the mark stands right.

Each row is a mistake that a learner makes; `cause` is the sentence they should read.
"""

import pytest

from stages import phrases
from stages.check.failure import (
    FULL_WIDTH,
    HALF_WIDTH,
    describe,
    differs,
    explain,
    first_difference,
    width,
)

SAID = "[127.0.0.1:alice]alice:hello"
RENAMED = "用户名修改成功,[a]->[b]"
TAKEN = "用户名已存在，修改失败"

CAUSES = {
    "full width where ASCII is due": (
        RENAMED,
        RENAMED.replace(",", "，"),
        "， (fullwidth comma) where the protocol has , (comma)",
    ),
    "ASCII where full width is due": (
        TAKEN,
        TAKEN.replace("，", ","),
        ", (comma) where the protocol has ， (fullwidth comma)",
    ),
    "full width colon": (
        SAID,
        "[127.0.0.1:alice]alice：hello",
        "： (fullwidth colon) where the protocol has : (colon)",
    ),
    "no newline between two lines": (
        SAID,
        SAID + "[127.0.0.1:bob]bob:hi",
        "two lines glued: there is no newline between them",
    ),
    "carriage return kept": (SAID, SAID + "\r", "a carriage return before the newline"),
    "cut at the end": (SAID, SAID[:-2], "the line ends too early"),
    "nothing in the line": (SAID, "", "an empty line"),
    "bytes that could not be decoded": (
        SAID,
        SAID.replace("hello", "h\ufffdllo"),
        "bytes that are not UTF-8",
    ),
    "one space too many": (
        "[a] is online",
        "[a]  is online",
        "a space too many or too few",
    ),
    "a slip in a word": (
        "[a] is online",
        "[a] is onlime",
        "'m' where the protocol has 'n'",
    ),
    "a capital": (
        "[a] is online",
        "[a] Is online",
        "'I' where the protocol has 'i'",
    ),
    "something else altogether": (SAID, "[bob] is online", "another line came instead"),
    "the reason of a kick": (
        SAID,
        phrases.KICKED,
        "the server says that this user was idle for too long",
    ),
    "the reason of a refusal": (
        SAID,
        phrases.TOO_LONG,
        "the server says that a line was too long",
    ),
    "an address of IPv4 as one of IPv6": (
        "[127.0.0.1:alice]127.0.0.1:alice:hello",
        "[::ffff:127.0.0.1:alice]::ffff:127.0.0.1:alice:hello",
        "an IPv4 address with `::ffff:` before it",
    ),
    "an address of IPv6 in brackets": (
        "[::1:alice]::1:alice:hello",
        "[[::1]:alice][::1]:alice:hello",
        "an IPv6 address in brackets",
    ),
}


@pytest.mark.parametrize("row", CAUSES.values(), ids=CAUSES.keys())
def test_each_mistake_has_its_own_sentence(row: tuple[str, str, str]) -> None:
    expected, got, cause = row
    assert explain(expected, got) == cause


def test_a_line_that_was_due_later_means_that_lines_are_missing() -> None:
    assert explain("one", "three", ("two", "three")) == (
        "one or more lines before this one are missing"
    )


def test_a_replacement_character_that_was_sent_is_no_bad_byte() -> None:
    assert explain("a \ufffd b", "a \ufffd c") == "'c' where the protocol has 'b'"


def test_missing_lines_are_more_telling_than_a_similar_line() -> None:
    assert explain("line 1", "line 2", ("line 2",)) == (
        "one or more lines before this one are missing"
    )


@pytest.mark.parametrize(
    ("expected", "got", "at"),
    [
        ("abc", "abd", 2),
        ("abc", "ab", 2),
        ("ab", "abc", 2),
        ("", "a", 0),
        ("a", "", 0),
        ("你好", "你坏", 1),
        ("same", "same", 4),
    ],
)
def test_the_first_difference_is_a_place_in_what_came(expected: str, got: str, at: int) -> None:
    assert first_difference(expected, got) == at


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("abc", 3),
        ("你好", 4),
        ("，", 2),
        ("a，b", 4),
        ("🙂", 2),
        ("[é]", 3),
        ("[e\u0301]", 3),
    ],
)
def test_a_full_width_character_takes_two_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize("pair", FULL_WIDTH.items(), ids=lambda pair: pair[1])
def test_characters_that_look_alike_are_told_apart_by_name(pair: tuple[str, str]) -> None:
    half, full = pair
    assert HALF_WIDTH[full] == half
    assert "fullwidth" in describe(full)
    assert "fullwidth" not in describe(half)


def test_the_end_of_a_line_and_a_control_character_are_described() -> None:
    assert describe("") == "the end of the line"
    assert describe("\t") == r"'\t'"
    assert describe("x") == "'x'"


def test_a_difference_knows_its_reader_and_what_was_due_later() -> None:
    failure = differs("alice", "one", "two", ("two", "three"))
    assert (failure.reader, failure.expected, failure.got) == ("alice", "one", "two")
    assert failure.later == ("two", "three")
    assert not failure.cause  # It is found when ports are known by their owners.
