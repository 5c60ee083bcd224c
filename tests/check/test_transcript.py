"""What a learner reads is the same on every run, fits a terminal, and cannot harm one."""

import pytest

from stages.check.failure import Failure, differs
from stages.check.transcript import FIRST, LAST, LONGEST, Transcript, printable, shorten


def transcript(**owners: str) -> Transcript:
    """One in which each label owns an address."""
    return Transcript(owners={address: label for label, address in owners.items()})


def test_a_port_is_shown_by_its_owner() -> None:
    story = transcript(alice="127.0.0.1:5432")
    assert story.show("[127.0.0.1:5432]127.0.0.1:5432:hi") == "[127.0.0.1:alice]127.0.0.1:alice:hi"


def test_a_port_that_begins_another_is_not_mistaken_for_it() -> None:
    story = transcript(alice="127.0.0.1:5432", bob="127.0.0.1:54321")
    assert story.show("127.0.0.1:54321 127.0.0.1:5432") == "127.0.0.1:bob 127.0.0.1:alice"


def test_the_order_in_which_people_came_does_not_matter() -> None:
    story = transcript(bob="127.0.0.1:54321", alice="127.0.0.1:5432")
    assert story.show("127.0.0.1:54321 127.0.0.1:5432") == "127.0.0.1:bob 127.0.0.1:alice"


def test_a_stranger_has_no_port() -> None:
    story = transcript(alice="127.0.0.1:5432")
    assert story.show("[127.0.0.1:40001] is online") == "[127.0.0.1:?] is online"


def test_other_hosts_are_left_alone() -> None:
    story = transcript(alice="127.0.0.1:5432")
    assert story.show("10.0.0.1:5432") == "10.0.0.1:5432"
    assert story.show("127x0y0z1:5432") == "127x0y0z1:5432"  # A dot is a dot.


def test_an_ipv6_address_is_shown_by_its_owner() -> None:
    story = transcript(alice="::1:5432")
    assert story.show("[::1:5432]::1:5432:hi") == "[::1:alice]::1:alice:hi"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("bell\x07", r"bell\x07"),
        ("a\tb", r"a\tb"),
        ("a\rb", r"a\rb"),
        ("\u202eevil", r"\u202eevil"),
        ("\u2028", r"\u2028"),
        ("\x9b31m", r"\x9b31m"),
        ("你好，🙂", "你好，🙂"),
    ],
)
def test_nothing_reaches_the_terminal_but_text(raw: str, shown: str) -> None:
    assert Transcript().show(raw) == shown


def test_what_must_not_reach_a_terminal_is_written_as_python_does() -> None:
    assert printable("a\n你\x1b") == r"a\n你\x1b"
    for emoji in ("👩‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👩🏽‍💻", "❤️‍🔥"):
        assert printable(f"{emoji}\u200d") == rf"{emoji}\u200d"
    assert printable("a\u200db") == r"a\u200db"


def test_a_long_line_is_shown_with_its_length() -> None:
    text = "x" * 4097
    assert shorten("x" * LONGEST) == "x" * LONGEST
    assert shorten(text).startswith("xxx")
    assert shorten(text).endswith("… (4097 characters)")
    assert len(shorten(text)) < LONGEST + len(" (4097 characters)")


def test_a_story_is_told_in_its_order() -> None:
    story = transcript(alice="127.0.0.1:1")
    story.note("alice connects")
    story.sends("alice", "who")
    story.reads("alice", "[127.0.0.1:1] is online")
    assert story.lines() == ["alice connects", "alice → who", "alice ← [127.0.0.1:alice] is online"]


def test_of_a_long_story_the_beginning_and_the_end_are_told() -> None:
    story = Transcript()
    for number in range(100):
        story.note(f"event {number}")
    lines = story.lines()
    assert len(lines) == FIRST + 1 + LAST
    assert lines[:FIRST] == [f"event {number}" for number in range(FIRST)]
    assert lines[FIRST] == f"… {100 - FIRST - LAST} more …"
    assert lines[-LAST:] == [f"event {number}" for number in range(100 - LAST, 100)]


def test_a_story_that_just_fits_is_told_whole() -> None:
    story = Transcript()
    for number in range(FIRST + LAST):
        story.note(f"event {number}")
    assert len(story.lines()) == FIRST + LAST


def test_a_summary_stands_for_all_that_happens_in_it() -> None:
    story = Transcript()
    with story.summary("alice says a thousand lines"):
        for _ in range(1000):
            story.sends("alice", "line")
    story.note("the end")
    assert story.lines() == ["alice says a thousand lines", "the end"]


def test_after_a_failure_in_a_summary_nothing_more_is_told() -> None:
    story = Transcript()

    def fails() -> None:
        with story.summary("alice says a thousand lines"):
            story.sends("alice", "line")
            raise Failure("nothing came")

    with pytest.raises(Failure):
        fails()
    story.note("alice leaves")
    assert story.lines() == ["alice says a thousand lines"]


def test_a_difference_is_located_in_what_is_shown() -> None:
    story = transcript(alice="127.0.0.1:54321")
    failure = differs("alice", "[127.0.0.1:54321]a:hello", "[127.0.0.1:54321]a:hullo")
    story.present(failure)
    assert failure.got == "[127.0.0.1:alice]a:hullo"
    assert failure.at == failure.got.index("u")
    assert failure.cause == "'u' where the protocol has 'e'"


def test_a_cause_that_is_known_is_kept() -> None:
    failure = Failure("no newline at the end", "one", "one", "alice")
    Transcript().present(failure)
    assert failure.cause == "no newline at the end"
    assert failure.at == len("one")


def test_a_difference_far_into_a_line_is_shown_with_what_is_around_it() -> None:
    expected, got = "x" * 300 + "abc", "x" * 300 + "abd"
    failure = differs("alice", expected, got)
    Transcript().present(failure)
    assert failure.at is not None
    assert failure.got is not None
    assert failure.got.startswith("…x")
    assert failure.got[failure.at :] == "d"
    assert failure.expected is not None
    assert failure.expected[failure.at :] == "c"


def test_what_only_one_side_has_is_made_safe_too() -> None:
    story = transcript(alice="127.0.0.1:1")
    expected = Failure("nothing came", "\x1b" + "x" * 200)
    story.present(expected)
    assert expected.expected is not None
    assert expected.expected.startswith(r"\x1bxxx")
    assert expected.expected.endswith("(204 characters)")
    got = Failure("a line came", None, "\x1b127.0.0.1:1")
    story.present(got)
    assert got.got == r"\x1b127.0.0.1:alice"


def test_a_carriage_return_is_named_though_it_is_shown_escaped() -> None:
    failure = differs("alice", "from telnet", "from telnet\r")
    Transcript().present(failure)
    assert failure.got == r"from telnet\r"
    assert failure.cause == "a carriage return before the newline"


def test_a_control_character_in_a_line_is_named_though_it_is_shown_escaped() -> None:
    failure = differs("alice", "[a] is online", "[a]\tis online")
    Transcript().present(failure)
    assert failure.got == r"[a]\tis online"
    assert failure.at == len("[a]")
    assert failure.cause == "a space too many or too few"
