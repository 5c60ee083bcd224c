"""Who may connect: so many in all, so many from one household; and who goes makes room."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from im_final import phrases
from im_final.gate import Address, Gate, address_of
from tests.stages.any_input import any_input

LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


def admit(gate: Gate, *texts: str) -> list[str | None]:
    """Let these addresses in, one after another."""
    return [gate.admit(address_of(text)) for text in texts]


# In all.


def test_when_it_is_full_the_next_is_told_so() -> None:
    gate = Gate(2, 2, [])
    assert admit(gate, "192.0.2.1", "192.0.2.2", "192.0.2.3") == [None, None, phrases.FULL]
    assert gate.count == 2


def test_whoever_goes_makes_room_for_one() -> None:
    gate = Gate(1, 1, [])
    admit(gate, "192.0.2.1")
    gate.release(address_of("192.0.2.1"))
    assert admit(gate, "192.0.2.2", "192.0.2.3") == [None, phrases.FULL]


# From one address.


def test_too_many_from_one_address_are_told_so_and_others_come_in() -> None:
    gate = Gate(10, 2, [])
    assert admit(gate, *["192.0.2.1"] * 3) == [None, None, phrases.TOO_MANY]
    assert admit(gate, "192.0.2.2") == [None]
    assert gate.count == 3


def test_who_is_refused_for_the_address_takes_no_place() -> None:
    gate = Gate(2, 1, [])
    admit(gate, *["192.0.2.1"] * 10)
    assert admit(gate, "192.0.2.2") == [None]


def test_who_is_refused_because_it_is_full_counts_for_no_address() -> None:
    gate = Gate(1, 1, [])
    admit(gate, "192.0.2.1", "192.0.2.2")
    gate.release(address_of("192.0.2.1"))
    assert admit(gate, "192.0.2.2") == [None]


def test_a_place_of_an_address_is_free_again_when_one_of_theirs_goes() -> None:
    gate = Gate(10, 2, [])
    admit(gate, *["192.0.2.1"] * 2)
    gate.release(address_of("192.0.2.1"))
    assert admit(gate, *["192.0.2.1"] * 2) == [None, phrases.TOO_MANY]


@pytest.mark.parametrize("other", ["2001:db8:1:2::2", "2001:db8:1:2:ffff:ffff:ffff:ffff"])
def test_an_ipv6_network_of_64_bits_is_one_household(other: str) -> None:
    assert admit(Gate(10, 1, []), "2001:db8:1:2::1", other) == [None, phrases.TOO_MANY]


@pytest.mark.parametrize("other", ["2001:db8:1:3::1", "2001:db8:1:1:ffff::1"])
def test_the_next_network_is_another_household(other: str) -> None:
    assert admit(Gate(10, 1, []), "2001:db8:1:2::1", other) == [None, None]


def test_an_ipv4_address_through_an_ipv6_socket_is_the_same_address() -> None:
    assert address_of("::ffff:192.0.2.1") == address_of("192.0.2.1") == IPv4Address("192.0.2.1")
    assert admit(Gate(10, 1, []), "::ffff:192.0.2.1", "192.0.2.1") == [None, phrases.TOO_MANY]
    assert admit(Gate(10, 1, []), "::ffff:192.0.2.1", "::ffff:192.0.2.2") == [None, None]


def test_an_address_is_one_whatever_the_interface_it_came_through() -> None:
    assert address_of("fe80::1%eth0") == IPv6Address("fe80::1")


# Those who are exempt.


def test_who_is_exempt_is_not_counted_by_address_but_in_all() -> None:
    gate = Gate(3, 1, LOOPBACK)
    assert admit(gate, "127.0.0.1", "127.0.0.1", "::1", "127.0.0.1") == [None] * 3 + [phrases.FULL]


@pytest.mark.parametrize("text", ["127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"])
def test_exempt(text: str) -> None:
    assert Gate(3, 1, LOOPBACK).is_exempt(address_of(text))


@pytest.mark.parametrize("text", ["128.0.0.1", "::2", "::", "126.255.255.255"])
def test_not_exempt(text: str) -> None:
    assert not Gate(3, 1, LOOPBACK).is_exempt(address_of(text))


# Any order of events.

HOUSE = ip_network("2001:db8::/64")
some = st.sampled_from(
    ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db9::1", "127.0.0.1", "::1"]
).map(ip_address)


@any_input
@given(st.lists(st.tuples(st.booleans(), some, st.integers(0, 9)), max_size=60))
def test_when_all_have_gone_it_is_as_it_was(
    events: list[tuple[bool, Address, int]],
) -> None:
    gate = Gate(5, 2, LOOPBACK)
    here: list[Address] = []
    for comes, address, index in events:
        if comes:
            if gate.admit(address) is None:
                here.append(address)
        elif here:
            gate.release(here.pop(index % len(here)))
        assert gate.count == len(here) <= 5
        assert here.count(IPv4Address("192.0.2.1")) <= 2
        assert sum(one in HOUSE for one in here) <= 2
    for address in here:
        gate.release(address)
    assert gate.count == 0
    assert not gate.by_household


def test_addresses_that_were_refused_are_not_remembered() -> None:
    gate = Gate(0, 1, [])
    admit(gate, *[f"192.0.2.{number}" for number in range(100)])
    assert not gate.by_household


# How fast.


def test_who_comes_and_goes_too_fast_is_told_so_and_may_come_later() -> None:
    gate = Gate(100, 100, (), burst=2, rate=0.5)
    home = ip_address("192.0.2.1")
    for _ in range(2):
        assert gate.admit(home, now=10) is None
        gate.release(home)
    assert gate.admit(home, now=11) == phrases.TOO_FAST
    assert gate.admit(ip_address("192.0.2.2"), now=11) is None
    assert gate.admit(home, now=12) is None


def test_a_refusal_for_another_reason_costs_no_pace() -> None:
    gate = Gate(100, 1, (), burst=2, rate=0.5)
    home = ip_address("192.0.2.1")
    assert gate.admit(home, now=10) is None
    for _ in range(5):
        assert gate.admit(home, now=10) == phrases.TOO_MANY
    gate.release(home)
    assert gate.admit(home, now=10) is None


def test_who_is_exempt_may_come_at_any_pace() -> None:
    gate = Gate(100, 1, [ip_network("192.0.2.0/24")], burst=1, rate=0.1)
    for _ in range(10):
        assert gate.admit(ip_address("192.0.2.1"), now=10) is None
    assert not gate.paces


def test_nothing_is_kept_of_those_who_stay_away() -> None:
    gate = Gate(100, 100, (), burst=2, rate=0.5)
    gate.admit(ip_address("192.0.2.1"), now=10)
    gate.forget(now=11.9)
    assert gate.paces
    gate.forget(now=12)
    assert not gate.paces
