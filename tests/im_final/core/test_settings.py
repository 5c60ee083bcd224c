"""The command line, then the file, then the default; and what nobody knows is refused by name."""

import argparse
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from im_final.options import Options
from im_final.settings import Settings, add_options, settle

Toml = Callable[[str], str]


@pytest.fixture
def toml(tmp_path: Path) -> Toml:
    """Writes a file, and returns its path."""

    def write(content: str) -> str:
        file = tmp_path / "im.toml"
        file.write_bytes(content.encode("utf-8", errors="surrogateescape"))
        return str(file)

    return write


def parser() -> argparse.ArgumentParser:
    """As `serve` has it."""
    made = argparse.ArgumentParser(prog="serve", allow_abbrev=False)
    add_options(made)
    return made


def settled(*argv: str) -> Settings:
    """What comes of a command line."""
    return settle(vars(parser().parse_args(argv)))


def flag(name: str) -> str:
    return "--" + name.replace("_", "-")


NAMES = [one.name for one in fields(Settings)]
REDIS = "redis://127.0.0.1"
OTHER_REDIS = "redis://:a%25b@127.0.0.1:6379/1"
CHOSEN = {"log": "json", "loop": "asyncio", "room": "attic", "backplane": OTHER_REDIS}
Value = int | float | str | tuple[str, ...]


def another(name: str) -> Value:
    """Another value than the default, that makes sense."""
    default = getattr(Settings, name)
    if isinstance(default, tuple):
        return ("10.0.0.0/8",)
    return CHOSEN.get(name, "a%b") if isinstance(default, str) else default + 1


def in_toml(name: str) -> str:
    """The other value, in a file."""
    value = another(name)
    shown = list(value) if isinstance(value, tuple) else value
    return f"{name} = {shown!r}\n"


# Where an option comes from.


def test_without_anything_all_is_as_the_server_has_it() -> None:
    settings = settled()
    assert {name: getattr(settings, name) for name in NAMES} == {
        one.name: one.default for one in fields(Settings)
    }


def test_the_metrics_are_off_and_if_they_are_on_nobody_else_sees_them() -> None:
    assert (settled().metrics, settled().metrics_host) == (0, "127.0.0.1")


@pytest.mark.parametrize("name", NAMES)
def test_every_option_can_be_given_on_the_command_line(name: str) -> None:
    value = another(name)
    text = value[0] if isinstance(value, tuple) else str(value)
    beside = ("--tls-cert", "cert.pem", "--backplane", REDIS)
    assert getattr(settled(*beside, flag(name), text), name) == value


@pytest.mark.parametrize("name", NAMES)
def test_every_option_can_be_given_in_a_file(toml: Toml, name: str) -> None:
    backplane = f"backplane = {REDIS!r}\n"
    needs = dict.fromkeys(("workers", "room", "heartbeat", "lease"), backplane)
    beside = {"tls_key": "tls_cert = 'cert.pem'\n", **needs}.get(name, "")
    assert getattr(settled("--config", toml(beside + in_toml(name))), name) == another(name)


def test_the_command_line_counts_before_the_file_and_that_before_the_default(toml: Toml) -> None:
    file = toml("max_line = 1000\nidle_timeout = 60\n")
    settings = settled("--max-line", "2000", "--config", file)
    assert (settings.max_line, settings.idle_timeout, settings.max_stall) == (2000, 60, 10)


def test_to_say_the_default_on_the_command_line_is_to_say_something(toml: Toml) -> None:
    assert settled("--config", toml("port = 1\n"), "--port", "9999").port == 9999


def test_networks_are_one_option_each_and_replace_those_of_the_file(toml: Toml) -> None:
    file = toml('exempt = ["10.0.0.0/8"]\n')
    networks = ("192.0.2.0/24", "2001:db8::/32")
    given = [part for network in networks for part in ("--exempt", network)]
    assert settled("--config", file, *given).exempt == networks
    assert settled("--config", file, "--exempt", "").exempt == ()
    assert settled("--config", toml("exempt = []\n")).exempt == ()


# What the file must not have.


@pytest.mark.parametrize("name", ["max_lines", "max-line", "server", "config", "_", "sockets"])
def test_an_option_that_there_is_not_is_refused_by_name(toml: Toml, name: str) -> None:
    file = toml(f"port = 1\n{name} = 1\n")
    with pytest.raises(ValueError, match=f"there is no option {name}; see") as refusal:
        settled("--config", file)
    assert str(refusal.value).startswith(file)


def test_a_table_is_no_option_either(toml: Toml) -> None:
    with pytest.raises(ValueError, match="there is no option limits"):
        settled("--config", toml("[limits]\nmax_line = 100\n"))


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('port = "9999"', "a whole number"),
        ("port = 9999.0", "a whole number"),
        ("port = true", "a whole number"),
        ("idle_timeout = true", "a number"),
        ('idle_timeout = "5 minutes"', "a number"),
        ("host = 1", "a text"),
        ('host = ["::1"]', "a text"),
        ('exempt = "10.0.0.0/8"', "a list of texts"),
        ("exempt = [10]", "a list of texts"),
        ('exempt = ["10.0.0.0/8", 10]', "a list of texts"),
        ("exempt = true", "a list of texts"),
        ("idle_timeout = 2026-01-31", "a number"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(toml: Toml, line: str, kind: str) -> None:
    name = line.partition(" ")[0]
    with pytest.raises(ValueError, match=f": {name} must be {kind}, not ") as refusal:
        settled("--config", toml(line))
    assert "\n" not in str(refusal.value)


def test_a_whole_number_of_seconds_is_a_number(toml: Toml) -> None:
    assert settled("--config", toml("idle_timeout = 60")).idle_timeout == 60


@pytest.mark.parametrize("content", ["port", "port = ", "= 1", "port = 1\nport = 2", "\udcff = 1"])
def test_what_is_not_toml_is_refused_in_a_line(toml: Toml, content: str) -> None:
    with pytest.raises(ValueError, match="is not TOML: ") as refusal:
        settled("--config", toml(content))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("port = 1\n# 房间".encode("gbk"), "line 2 is not in UTF-8; save the file as UTF-8"),
        ("port = 1\r\n".encode("utf-16"), "it is in UTF-16, or no text; save it as UTF-8"),
        ("port = 1\r\n".encode("utf-16-le"), "it is in UTF-16, or no text; save it as UTF-8"),
        (b"port = " + 5000 * b"9", "Exceeds the limit"),
        (b"exempt = " + 5000 * b"[", "recursion"),
    ],
    ids=["GBK", "UTF-16", "UTF-16-LE", "digits", "nested"],
)
def test_what_is_no_text_or_too_much_of_it_is_refused_in_a_line(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "im.toml"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=f"is not TOML: .*{words}") as refusal:
        settled("--config", str(file))
    assert str(refusal.value).startswith(str(file))
    assert "\n" not in str(refusal.value)


def test_a_file_may_begin_with_the_mark_that_windows_puts_there(toml: Toml) -> None:
    assert settled("--config", toml("\ufeffport = 1\r\ndrain = 2\r\n")).port == 1


@pytest.mark.parametrize("value", [f"1{400 * '0'}", f"0x{5000 * 'f'}", f"-1{400 * '0'}"])
@pytest.mark.parametrize("name", ["drain", "port", "host", "lease"])
def test_a_whole_number_too_large_for_toml_is_refused_by_its_name(
    toml: Toml, name: str, value: str
) -> None:
    file = toml(f"{name} = {value}")
    with pytest.raises(ValueError, match=f": {name} is too large for a whole number of TOML$"):
        settled("--config", file)


@pytest.mark.parametrize("name", ["drain", "lease", "heartbeat", "workers", "max_line"])
def test_a_number_that_can_only_be_a_mistake_is_refused_wherever_it_is(
    toml: Toml, name: str
) -> None:
    most = f"^{name} must be at most 1000000000"
    with pytest.raises(ValueError, match=f"{most}, not 1000000001$"):
        settled("--config", toml(f"backplane = {REDIS!r}\n{name} = 1000000001"))
    with pytest.raises(ValueError, match=f"{most}$"):
        settled("--backplane", REDIS, flag(name), f"1{200 * '0'}")


def test_each_worker_has_a_port_for_its_metrics() -> None:
    given = ("--backplane", REDIS, "--metrics", "65535", "--workers")
    assert settled(*given, "1").metrics == 65535
    with pytest.raises(ValueError, match=r"^metrics of the last worker would be port 65536; "):
        settled(*given, "2")


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        settled("--config", str(tmp_path / "none"))


# What makes no sense.


def test_what_makes_no_sense_is_refused_wherever_it_is_said(toml: Toml) -> None:
    with pytest.raises(ValueError, match=r"^max_line must be at least"):
        settled("--max-line", "1")
    with pytest.raises(ValueError, match=r"^max_line must be at least"):
        settled("--config", toml("max_line = 1"))
    with pytest.raises(ValueError, match=r"^idle_timeout must be at least"):
        settled("--config", toml("idle_timeout = nan"))
    with pytest.raises(ValueError, match=r"^workers share a room over Redis"):
        settled("--workers", "2")
    with pytest.raises(ValueError, match=r"^room must be"):
        settled("--backplane", REDIS, "--room", "a}b")
    with pytest.raises(ValueError, match=r"^lease must be at least two heartbeats"):
        settled("--backplane", REDIS, "--lease", "3.9")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--backplane", ""), "backplane is empty"),
        (("--room", "lobby"), "room is of no use without a backplane"),
        (("--heartbeat", "1"), "heartbeat is of no use without a backplane"),
        (("--lease", "9"), "lease is of no use without a backplane"),
    ],
)
def test_who_wants_a_room_of_many_nodes_does_not_get_another(
    options: tuple[str, ...], words: str
) -> None:
    with pytest.raises(ValueError, match=f"^{words}"):
        settled(*options)


@pytest.mark.parametrize(
    ("name", "words"), [("log", "text or json"), ("loop", "auto or asyncio or uvloop")]
)
def test_of_two_or_three_ways_one_is_chosen(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be {words}$"):
        settled(flag(name), "other")


def test_the_port_of_the_metrics_is_a_port() -> None:
    assert settled("--metrics", "65535").metrics == 65535
    with pytest.raises(ValueError, match=r"^metrics must be at most 65535, not 65536$"):
        settled("--metrics", "65536")
    with pytest.raises(ValueError, match=r"^metrics must be at least 0, not -1$"):
        settled("--metrics=-1")


def test_what_is_no_number_ends_the_program_with_its_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        settled("--idle-timeout", "soon")
    assert "--idle-timeout" in capsys.readouterr().err


# What is made of them.


def test_the_server_gets_its_own_options_and_not_those_of_the_program() -> None:
    settings = settled("--port", "0", "--exempt", "10.0.0.0/8", "--metrics", "9100")
    options = settings.for_server()
    assert list(options) == [one.name for one in fields(Options)]
    assert (options["port"], options["exempt"]) == (0, ("10.0.0.0/8",))
    Options(**options)


def test_the_help_has_every_option_with_its_default_and_its_reason() -> None:
    shown = " ".join(parser().format_help().split())
    for one in fields(Settings):
        assert f"{flag(one.name)} {one.metadata['unit'] or one.name.upper()} " in shown
        assert one.metadata["help"].split(",")[0] in shown
    for default in ("9999", "4096", "127.0.0.0/8, ::1/128", "auto", "300.0"):
        assert f"(default: {default})" in shown
    assert "(default: )" not in shown
    assert "--config FILE TOML file" in shown


def test_a_percent_sign_in_a_help_text_is_only_that(monkeypatch: pytest.MonkeyPatch) -> None:
    one = next(one for one in fields(Settings) if one.name == "drain")
    monkeypatch.setattr(one, "metadata", {**one.metadata, "help": "100 % of what is owed"})
    assert "100 % of what is owed" in parser().format_help()
