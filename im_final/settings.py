"""Options from the command line and from a TOML file, both made from the fields of `Options`.

What is said on the command line counts, then what is in the file, then the default. A key that the
file should not have is refused by name: a limit that is misspelled must not be a limit that is off.
"""

import argparse
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from im_final.cluster import address
from im_final.options import LAST_PORT, Options, option
from im_final.text_file import text_in

LOGS = ("text", "json")
LOOPS = ("auto", "asyncio", "uvloop")
ROOM = re.compile("[A-Za-z0-9._-]{1,32}")  # It becomes part of keys in Redis.
TOML_BITS = 63  # And a sign: TOML 1.0 has it that a whole number beyond these is an error.
OF_THE_BACKPLANE = ("room", "heartbeat", "lease")


@dataclass(eq=False)
class Settings(Options):
    """All that `serve` can be told: the server's options, and those of the program around it."""

    metrics: int = option(
        0, "port for Prometheus (/metrics) and /healthz; 0 is none", "PORT", 0, LAST_PORT
    )
    metrics_host: str = option("127.0.0.1", "address for these two", "HOST")
    log: str = option("text", f"form of the log: {' or '.join(LOGS)}", "FORM")
    backplane: str = option(
        "",
        "Redis that makes one room of many nodes, as redis://127.0.0.1:6379/0, or its Sentinels",
        "URL",
    )
    room: str = option("lobby", "name of the room there; others can be in the same Redis", "NAME")
    heartbeat: float = option(2.0, "a node says there that it lives, so often", "SECONDS", 0.1)
    lease: float = option(
        8.0, "a node is taken for dead when it has not for so long", "SECONDS", 0.2
    )
    workers: int = option(
        1, "processes that share the port, one room over --backplane; not on Windows", "COUNT", 1
    )
    worker_timeout: float = option(
        30.0,
        "a worker that hangs for so long is killed and started again; as gunicorn has it",
        "SECONDS",
        3,
    )
    loop: str = option(
        "auto", "event loop: asyncio, uvloop, or auto, which is uvloop where installed", "LOOP"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, choices in (("log", LOGS), ("loop", LOOPS)):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be {' or '.join(choices)}")
        if self.workers > 1 and not self.backplane:
            raise ValueError("workers share a room over Redis: give them a backplane")
        if self.backplane:
            address.read(self.backplane)
        if not ROOM.fullmatch(self.room):
            raise ValueError("room must be 1 to 32 letters, digits, dots, dashes or underscores")
        if self.lease < 2 * self.heartbeat:
            raise ValueError("lease must be at least two heartbeats")
        if self.metrics and self.metrics + self.workers - 1 > LAST_PORT:
            last = self.metrics + self.workers - 1
            raise ValueError(f"metrics of the last worker would be port {last}; begin lower")

    def for_server(self) -> dict[str, Any]:
        """The part that `Server` takes, as keyword arguments."""
        return {one.name: getattr(self, one.name) for one in fields(Options)}


def add_options(parser: argparse.ArgumentParser) -> None:
    """An option for each field, and `--config`. What is not given is not in the result."""
    parser.add_argument("--config", metavar="FILE", help="TOML file with any of these options")
    for one in fields(Settings):
        flag, default = "--" + one.name.replace("_", "-"), one.default
        shown = ", ".join(default) if isinstance(default, tuple) else default
        parser.add_argument(
            flag,
            default=argparse.SUPPRESS,
            type=str if isinstance(default, tuple) else type(default),
            action="append" if isinstance(default, tuple) else "store",
            metavar=one.metadata["unit"] or one.name.upper(),
            help=one.metadata["help"].replace("%", "%%") + (f" (default: {shown})" * bool(shown)),
        )


def settle(given: Mapping[str, Any]) -> Settings:
    """The settings, from what `add_options` found. Raises ValueError, in a line, and OSError."""
    chosen = dict(given)
    config = chosen.pop("config", None)
    if config is not None:
        chosen = {**from_file(Path(config)), **chosen}
    if chosen.get("backplane") == "":
        raise ValueError("backplane is empty; leave it out to be a room of its own")
    for name in OF_THE_BACKPLANE:
        if name in chosen and "backplane" not in chosen:
            raise ValueError(f"{name} is of no use without a backplane")
    if "exempt" in chosen:
        chosen["exempt"] = tuple(text for text in chosen["exempt"] if text)
    return Settings(**chosen)


def from_file(path: Path) -> dict[str, Any]:
    """What a TOML file says. Raises ValueError, in a line, and OSError."""
    try:
        found = tomllib.loads(text_in(path.read_bytes()))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not TOML: {error}") from None
    known = {one.name: one.default for one in fields(Settings)}
    for name, value in found.items():
        if name not in known:
            raise ValueError(f"{path}: there is no option {name}; see serve --help")
        if isinstance(value, int) and value.bit_length() > TOML_BITS:
            raise ValueError(f"{path}: {name} is too large for a whole number of TOML")
        if not is_like(value, known[name]):
            raise ValueError(f"{path}: {name} must be {kind(known[name])}, not {value!r}")
    return found


def is_like(value: object, default: object) -> bool:
    """Whether a value from a file has the type of the option."""
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if isinstance(value, bool):  # An int to Python, but to nobody else.
        return False
    return isinstance(value, int | float if isinstance(default, float) else type(default))


def kind(default: object) -> str:
    """The type of an option, in words."""
    words: Sequence[tuple[type, str]] = (
        (int, "a whole number"),
        (float, "a number"),
        (str, "a text"),
        (tuple, "a list of texts"),
    )
    return next(word for known, word in words if isinstance(default, known))
