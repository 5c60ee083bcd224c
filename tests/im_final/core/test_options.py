"""Every option has a reason, and what makes no sense is refused in a line that names it."""

from dataclasses import MISSING, fields
from ipaddress import ip_network

import pytest

from im_final.options import LAST_PORT, MOST, Options, option

FIELDS = {one.name: one for one in fields(Options)}
NUMBERS = [name for name, one in FIELDS.items() if type(one.default) in (int, float)]


@pytest.mark.parametrize("name", FIELDS)
def test_every_option_has_a_default_and_says_what_it_is_for(name: str) -> None:
    one = FIELDS[name]
    assert one.default is not MISSING
    assert one.metadata["help"]


@pytest.mark.parametrize("name", sorted({*FIELDS} - {"host", "port"}))
def test_every_option_but_the_address_has_a_unit(name: str) -> None:
    assert FIELDS[name].metadata["unit"].isupper()


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_has_a_lowest_value_which_the_default_is_not_below(name: str) -> None:
    assert FIELDS[name].metadata["least"] <= FIELDS[name].default


def test_the_limits_are_those_of_the_precedents() -> None:
    options = Options()
    assert (options.host, options.port) == ("127.0.0.1", 9999)
    assert options.max_line == 4096
    assert options.max_backlog == 2**20
    assert options.max_stall == 10
    assert (options.flood_burst, options.flood_rate) == (10, 5)
    assert (options.max_connections, options.max_per_address) == (10_000, 16)
    assert options.idle_timeout == 300
    assert options.handshake_timeout == 10
    assert options.drain == 5
    assert (options.tls_cert, options.tls_key, options.password_file) == ("", "", "")


def test_by_default_only_loopback_is_exempt() -> None:
    assert Options().networks() == [ip_network("127.0.0.0/8"), ip_network("::1")]


@pytest.mark.parametrize("name", NUMBERS)
def test_the_lowest_value_is_allowed_and_what_is_below_it_is_not(name: str) -> None:
    least = FIELDS[name].metadata["least"]
    assert getattr(Options(**{name: least}), name) == least
    with pytest.raises(ValueError, match=rf"^{name} must be at least {least}, not "):
        Options(**{name: least - 0.01})


LOWEST = {
    "port": 0,
    "max_line": 64,
    "max_backlog": 65536,
    "max_stall": 0.1,
    "flood_burst": 1,
    "flood_rate": 0,
    "max_connections": 1,
    "max_per_address": 1,
    "arrival_burst": 1,
    "arrival_rate": 0,
    "idle_timeout": 0.1,
    "handshake_timeout": 0.1,
    "drain": 0,
}


def test_the_lowest_values_are_such_that_the_server_still_works() -> None:
    assert {name: FIELDS[name].metadata["least"] for name in LOWEST} == LOWEST


@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_not_a_number_is_no_limit(name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be at least "):
        Options(**{name: float("nan")})


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_can_only_be_a_mistake_is_refused(name: str) -> None:
    most = FIELDS[name].metadata["most"]
    assert most == (LAST_PORT if name == "port" else MOST)
    with pytest.raises(ValueError, match=f"^{name} must be at most {most}, not {most + 1}$"):
        Options(**{name: most + 1})


@pytest.mark.parametrize("number", [1e300, 10**400, 10**5000], ids=["float", "no float", "no text"])
def test_a_number_of_any_size_is_refused_in_a_line(number: float) -> None:
    with pytest.raises(ValueError, match=f"^drain must be at most {MOST}$"):
        Options(drain=number)
    with pytest.raises(ValueError, match=r"^drain must be at least 0$"):
        Options(drain=-number)


@pytest.mark.parametrize("name", [name for name in NUMBERS if name != "port"])
def test_a_number_may_be_large(name: str) -> None:
    assert getattr(Options(**{"max_backlog": MOST, name: MOST // 2}), name) == MOST // 2


def test_the_last_port_is_65535() -> None:
    assert Options(port=65535).port == 65535
    with pytest.raises(ValueError, match=r"^port must be at most 65535, not 65536$"):
        Options(port=65536)


def test_a_key_without_a_certificate_is_a_mistake() -> None:
    assert Options(tls_cert="cert.pem").tls_cert == "cert.pem"
    assert Options(tls_cert="cert.pem", tls_key="key.pem").tls_key == "key.pem"
    with pytest.raises(ValueError, match=r"^tls_key is of no use without tls_cert$"):
        Options(tls_key="key.pem")


@pytest.mark.parametrize("network", ["localhost", "", "10.0.0.0/33", "10.0.0.1/8", "::/129"])
def test_what_is_no_network_is_refused(network: str) -> None:
    with pytest.raises(ValueError, match=r"^exempt: ") as refusal:
        Options(exempt=("10.0.0.0/8", network))
    assert "\n" not in str(refusal.value)


def test_single_addresses_are_networks_too() -> None:
    assert Options(exempt=("192.0.2.1",)).networks() == [ip_network("192.0.2.1/32")]
    assert Options(exempt=()).networks() == []


def test_all_but_the_address_are_keywords() -> None:
    assert (Options("::1", 0).host, Options("::1", 0).port) == ("::1", 0)
    with pytest.raises(TypeError):
        Options("::1", 0, 4096)  # type: ignore[misc]


def test_an_option_without_a_unit_or_a_lowest_value_has_none() -> None:
    metadata = {"help": "why", "unit": "", "least": None, "most": MOST}
    assert option(1, "why").metadata == metadata
