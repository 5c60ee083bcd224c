"""How what came differs is said by name: which line, which value, which character."""

import pytest

from stages.exercises.differing import LONG, located

JOIN = "[127.0.0.1:bob]127.0.0.1:bob:已上线"


@pytest.mark.parametrize(
    ("expected", "got", "said"),
    [
        ("'hello'", "", "nothing was shown"),
        ("'hello'", "'bye'", "expected hello, got bye"),
        (
            "'you are 1'",
            "'you are 0'",
            "'0' where it should be '1': expected you are 1, got you are 0",
        ),
        ("'at nine'", "'at eight'", "expected at nine, got at eight"),
        (
            "'a,b'",
            "'a，b'",
            "， (fullwidth comma) where it should be , (comma): expected a,b, got a，b",
        ),
        (
            "'a,b,c'",
            "'a，b，c'",
            "， (fullwidth comma) where it should be , (comma): expected a,b,c, got a，b，c",
        ),
        ("' hi '", "'hi'", "a space too many or too few: expected ' hi ', got hi"),
        ("'hi'", "'hi\\r'", "a carriage return before the newline: expected hi, got hi"),
        ("['a']", "['a', 'b', 'c']", "2 lines are too much: b"),
        ("['alice', 'carol']", "['alice', 'bob', 'carol']", "a line is too much: bob"),
        ("['a', 'b']", "['a', 'b', 'a']", "a line is too much that had come before: a"),
        ("['a', 'b']", "['a', 'a']", "a line comes again that had come before: a"),
        ("['a', 'b', 'c']", "['c']", "2 lines are missing: a"),
        ("(['a', 'b'], [])", "['b', 'a']", "the right lines come in another order: first b"),
        (
            "(['a'], [])",
            "([], ['a'])",
            "the right lines, but not all of them where, or by whom, they should be read",
        ),
        (
            f"['{JOIN}']",
            f"['{JOIN}welcome']",
            f"two lines glued: there is no newline between them: expected {JOIN}, got {JOIN}welcome",
        ),
        (
            "(['a', 'b'], 'at nine')",
            "(['a', 'b'], 'at eight')",
            "expected at nine, got at eight",
        ),
        ("(['a'], ['c'])", "(['a'], ['c', 'd'])", "a line is too much: d"),
        ("(['a'], [])", "(['a', 'b'], ['b'])", "2 lines are too much: b"),
        ("'hi '", "'hi'", "the line ends too early: expected 'hi ', got hi"),
        ("False", "True", "expected False, got True"),
        ("('the end', 0)", "('the end', 1)", "expected ('the end', 0), got ('the end', 1)"),
        (
            "{'tasks': 0, 'timers': 0}",
            "{'tasks': 0, 'timers': 1}",
            "for 'timers' expected 0, got 1",
        ),
        ("[[b'a'], []]", "[[], [b'a']]", "expected [[b'a'], []], got [[], [b'a']]"),
        ("<no value>", "<none either>", "expected <no value>, got <none either>"),
    ],
)
def test_a_difference_is_said_in_a_sentence(expected: str, got: str, said: str) -> None:
    assert located(expected, got)[0] == said


def test_a_mark_stands_under_the_first_wrong_character() -> None:
    assert located("'你好 one'", "'你好 two'")[1:] == ["你好 one", "你好 two", "     ^"]


def test_what_is_very_long_is_cut() -> None:
    long = "x" * (LONG + 1)
    assert located(repr("bye"), repr(long))[0] == f"expected bye, got {'x' * LONG}…"
