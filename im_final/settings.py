"""Options from the command line and from a TOML file, both made from the fields of `Options`.

What is said on the command line counts, then what is in the file, then the default. A key that the
file should not have is refused by name: a limit that is misspelled must not be a limit that is off.
"""

import argparse
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from im_final.options import LAST_PORT, Options, option

LOGS = ("text", "json")
LOOPS = ("auto", "asyncio", "uvloop")


@dataclass(eq=False)
class Settings(Options):
    """All that `serve` can be told: the server's options, and those of the program around it."""

    metrics: int = option(0, "port for Prometheus (/metrics) and /healthz; 0 is none", "PORT", 0)
    metrics_host: str = option("127.0.0.1", "address for these two", "HOST")
    log: str = option("text", f"form of the log: {' or '.join(LOGS)}", "FORM")
    loop: str = option(
        "auto", "event loop: asyncio, uvloop, or auto, which is uvloop where installed", "LOOP"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, choices in (("log", LOGS), ("loop", LOOPS)):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be {' or '.join(choices)}")
        if self.metrics > LAST_PORT:
            raise ValueError(f"metrics must be at most {LAST_PORT}, not {self.metrics}")

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
    if "exempt" in chosen:
        chosen["exempt"] = tuple(text for text in chosen["exempt"] if text)
    return Settings(**chosen)


def from_file(path: Path) -> dict[str, Any]:
    """What a TOML file says. Raises ValueError, in a line, and OSError."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not TOML: {error}") from None
    known = {one.name: one.default for one in fields(Settings)}
    for name, value in found.items():
        if name not in known:
            raise ValueError(f"{path}: there is no option {name}; see serve --help")
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
