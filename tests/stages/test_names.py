"""Which names are valid, and that no order of events makes the roster wrong about them."""

import asyncio
import ipaddress
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import phrases, stage6, stage8
from tests.stages.any_input import any_input
from tests.stages.guests import Guest, roster

LONGEST = "n" * 32
VALID = [
    "bob",
    "张三",
    "a",
    LONGEST,
    "好" * 32,
    "who?",
    "Who",
    "a.b:c",
    "127.0.0.1",
    "bob:80",
    "é",
    "x:1:",
]
INVALID = {
    "": "N1: empty",
    " ": "N2: a space",
    "   ": "N2: spaces",
    "a b": "N2: a space within",
    " bob": "N2: looks like bob",
    "bob\u3000": "N2: an ideographic space",
    "bob\u00a0": "N2: a space that does not break",
    "a\tb": "N2: a tab",
    "[x]": "N2: brackets",
    "]": "N2: a bracket",
    "\x1b[31m": "N2: a terminal escape",
    "a\x00b": "N2: NUL",
    "a\x7fb": "N2: DEL",
    "a\u0085b": "N2: a C1 control",
    "a\u200bb": "N2: a space of no width",
    "\u202ebob": "N2: turns the direction of writing",
    "\ufeffbob": "N2: a byte order mark",
    "who": "N2: a command word",
    "rename": "N2: a command word",
    "to": "N2: a command word",
    "|x": "N1: rename||x",
    "a|b": "a bar",
    "a] is online\n[root": "N3: two lines of a who answer",
    "bob\nwho": "F2: two lines",
    "a\u2028b": "N3: a line separator",
    LONGEST + "n": "N4: 33 characters",
    "n" * 4088: "N4: as long as a line",
    "127.0.0.1:50001": "N5, N6: an address",
    "192.0.2.7:1": "N6: somebody's address",
    "0.0.0.0:0": "N6: an address",
    "::1:50001": "N6: an address, as a server on IPv6 writes it",
    "2001:db8::7:443": "N6: an IPv6 address",
}  # fmt: skip


@pytest.mark.parametrize("name", VALID)
def test_valid(name: str) -> None:
    assert stage6.valid_name(name)


@pytest.mark.parametrize("name", INVALID, ids=lambda name: INVALID[name])
def test_not_valid(name: str) -> None:
    assert not stage6.valid_name(name)


def refused(char: str) -> bool:
    """Whether no name has `char` in it, in the words of the protocol."""
    return char.isspace() or char in "|[]" or unicodedata.category(char) in ("Cc", "Cf")


def is_address(name: str) -> bool:
    """Whether a server could call a user so who has just come."""
    host, _, port = name.rpartition(":")
    try:
        return bool(ipaddress.ip_address(host)) and port.isdecimal()
    except ValueError:
        return False


addresses = st.builds(
    "{}{}{}".format,
    st.one_of(st.ip_addresses(), st.text("0123456789.:%", max_size=8)),
    st.sampled_from([":", "", "."]),
    st.integers(-1, 70000),
)
names = st.one_of(st.text(max_size=40), addresses, st.sampled_from(["who", "rename", "to"]))


@any_input
@given(names)
def test_a_name_is_valid_exactly_if_the_protocol_says_so(name: str) -> None:
    assert stage6.valid_name(name) == (
        1 <= len(name) <= 32
        and not any(refused(char) for char in name)
        and name not in ("who", "rename", "to")
        and not is_address(name)
    )


@any_input
@given(st.ip_addresses(), st.integers(1, 65535))
def test_nobody_can_take_the_first_name_of_a_later_joiner(
    host: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int
) -> None:
    assert not stage6.valid_name(f"{host}:{port}")


def test_every_character_that_is_refused_is_refused_anywhere() -> None:
    for char in map(chr, range(0x110000)):
        if refused(char):
            assert not any(map(stage6.valid_name, (char, f"a{char}", f"{char}a", f"a{char}a")))


@pytest.mark.parametrize("name", INVALID, ids=lambda name: INVALID[name])
def test_rename_to_what_is_not_valid_changes_nothing(name: str) -> None:
    async def story() -> None:
        server = stage8.Server()
        guest = Guest(server)
        user = guest.enters()
        assert isinstance(user, stage6.User)
        await user.rename(name)
        assert guest.hears()[1:] == [phrases.NAME_INVALID]
        assert roster(server) == [guest.addr]

    asyncio.run(story())


deeds = st.sampled_from(["comes", "leaves", "renames"])
few_names = st.sampled_from(["bob", "alice", "who", "", "carol"])


@any_input
@given(st.lists(st.tuples(deeds, st.integers(0, 9), few_names), max_size=40))
def test_the_roster_is_right_after_any_order_of_events(
    events: list[tuple[str, int, str]],
) -> None:
    """A model of it: the list of who is online, as they came, each by the name they took last."""

    async def story() -> None:
        server = stage8.Server()
        here: list[Guest] = []
        names: list[str] = []
        for deed, number, name in events:
            if deed == "comes":
                guest = Guest(server)
                guest.enters()
                here.append(guest)
                names.append(guest.addr)
            elif here:
                index = number % len(here)
                user = here[index].user
                if deed == "leaves":
                    user.offline()
                    user.goodbye()
                    del here[index], names[index]
                else:
                    await user.do_message(f"rename|{name}")
                    if stage6.valid_name(name) and name not in names:
                        names[index] = name
            assert roster(server) == names

    asyncio.run(story())
