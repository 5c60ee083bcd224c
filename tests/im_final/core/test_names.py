"""Which names are valid, and which two are one: as stage 6 has it, and for what only looks so."""

import unicodedata
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from im_final import names
from stages import stage6
from tests.im_final.core.wide import wide
from tests.stages.any_input import any_input

ASSIGNED = [
    char
    for char in map(chr, range(0x110000))
    if unicodedata.category(char) not in ("Cn", "Co", "Cs")
]
REFUSED = [
    char
    for char in ASSIGNED
    if char in "|[]" or char.isspace() or unicodedata.category(char) in ("Cc", "Cf")
]

# As ordinary as it gets, and what the protocol refuses.
ordinary = st.one_of(
    st.text("aBz09 .:|[]\t\n\x1b\u200b\u3000张三éß", max_size=34),
    st.builds("{}:{}".format, st.ip_addresses(), st.integers(-1, 70000)),
    st.sampled_from(["who", "rename", "to", "Who", "TO", "127.0.0.1", "::1", "bob:80", "x:1:"]),
    st.text("n好", min_size=30, max_size=34),
)


@any_input
@given(ordinary)
def test_for_ordinary_names_the_rule_is_that_of_stage_6(name: str) -> None:
    assert names.valid_name(name) == stage6.valid_name(name)


def test_every_character_that_stage_6_refuses_is_refused_anywhere() -> None:
    for char in REFUSED:
        for name in (char, f"a{char}", f"{char}a", f"a{char}a"):
            assert not stage6.valid_name(name)
            assert not names.valid_name(name)


@pytest.mark.parametrize(
    "name", ["bob", "张三", "O'Brien", "é", wide("bob"), "❤\ufe0f", "שלום", "n" * 32]
)
def test_people_may_be_called(name: str) -> None:
    assert names.valid_name(name)


@pytest.mark.parametrize(
    "name",
    [
        wide("who"),
        wide("to"),
        wide("rename"),
        "ⓦⓗⓞ",
        "\U0001d430\U0001d421\U0001d428",
        "wh\ufe0fo",
        wide("a|b"),
        "［root］",
        wide("127") + ".0.0.1:50001",
        "127.0.0.1：50001",
        "127.0.0.1:\ufe0f50001",
        "2001:DB8::7:443",
        "a\u00a8b",  # Has a space in its simplest form.
        "",
        "\u3164",  # A filler of Hangul.
        "\uffa0\u115f\u1160",
        "\u2800",  # The blank of Braille.
        "\ufe0f",
        "\U000e0100",
        "n" * 33,
    ],
    ids=ascii,
)
def test_a_name_must_not_only_look_like_something_else_or_like_nothing(name: str) -> None:
    assert not names.valid_name(name)


@any_input
@given(st.ip_addresses(), st.integers(0, 65535), st.data())
def test_nobody_is_taken_for_a_later_joiner(
    host: IPv4Address | IPv6Address, port: int, data: st.DataObject
) -> None:
    name = f"{host}:{port}"
    disguised = "".join(
        data.draw(st.sampled_from([char, char.upper(), wide(char), char + "\ufe0e"]))
        for char in name
    )
    assert names.key(disguised) == names.key(name)
    assert not names.valid_name(disguised)


# When two are one.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bob", "bob"),
        (wide("bob"), "bob"),
        (wide("BOB"), "bob"),
        ("STRASSE", "straße"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("é", "e\u0301"),
        ("\u0390", "\u0390".upper()),  # Iota with two marks; there is no capital in one piece.
        ("ﬁ", "FI"),
        ("bob\ufe0f", "bob"),
        ("b\u034fob", "bob"),
        ("e\u034f\u0301", "é"),
        ("\u3164bob", "bob"),
    ],
    ids=ascii,
)
def test_two_names_that_a_reader_takes_for_one_are_one(one: str, other: str) -> None:
    assert names.key(one) == names.key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("bob", "rob"), ("e", "é"), ("bob", "b ob"), ("o", "0"), ("张三", "張三")]
)
def test_two_names_that_differ_are_two(one: str, other: str) -> None:
    assert names.key(one) != names.key(other)


@any_input
@given(st.text(max_size=40))
def test_the_key_of_a_key_is_the_key(name: str) -> None:
    assert names.key(names.key(name)) == names.key(name)


def test_so_it_is_for_every_single_character() -> None:
    for char in ASSIGNED:
        key = names.key(char)
        assert names.key(key) == key
        assert names.key(char.casefold()) == key
        assert names.key(unicodedata.normalize("NFKD", char)) == key


def test_no_character_becomes_invisible_in_its_simplest_form() -> None:
    for char in ASSIGNED:
        assert not names.INVISIBLE.search(names.visible(char))


@any_input
@given(st.text(max_size=40))
def test_what_there_is_to_see_stays_the_same_when_looked_at_again(name: str) -> None:
    assert names.visible(names.visible(name)) == names.visible(name)


def test_the_key_of_an_ascii_name_is_what_it_is_for_all_others() -> None:
    every = "".join(map(chr, range(128)))
    assert names.key(every) == unicodedata.normalize("NFKC", names.visible(every).casefold())


# How long.


@any_input
@given(st.ip_addresses(), st.integers(0, 65535))
def test_every_address_is_short_enough(host: IPv4Address | IPv6Address, port: int) -> None:
    assert not names.is_too_long(f"{host}:{port}")


def test_a_name_is_measured_in_characters_as_it_was_typed() -> None:
    assert not names.is_too_long("\u0301" * names.MAX_NAME)
    assert names.is_too_long("\u0301" * (names.MAX_NAME + 1))  # One in its simplest form is less.
    assert names.is_too_long("a" * (names.MAX_ADDRESS + 1))


def test_a_name_that_is_too_long_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """What expands, or has to be put in order, takes milliseconds for a line of it."""
    for looks in ("visible", "is_honest", "key"):
        monkeypatch.delattr(names, looks)
    for character in ("\ufdfa", "\u0315\u0300\u05ae", "a"):
        assert not names.valid_name(character * 1000)
