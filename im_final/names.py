"""Which names a user may have, and when two names are one.

A name must not pretend to be something else: another user, a command, an address, a piece of the
protocol. Two names that a reader takes for one are one: `Bob`, `bob` and a `bob` of full-width
letters have the same key (NFKC and casefold, much as RFC 8265 compares usernames). Each is shown as
it was typed. Letters of different scripts that only look alike are not caught: that would take the
tables of UTS 39.
"""

import ipaddress
import unicodedata

MAX_NAME = 32  # Characters; ergo's limit.
RESERVED = {"who", "rename", "to"}  # The command words.


def key(name: str) -> str:
    """What two names share that are too alike to be two."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded)


def valid_name(name: str) -> bool:
    """Whether a user may be called `name`: by what it is, and by what it would be read as."""
    return 1 <= len(name) <= MAX_NAME and all(
        is_honest(form) for form in (name, unicodedata.normalize("NFKC", name))
    )


def is_honest(name: str) -> bool:
    """Whether `name` is neither a command word, nor an address, nor a piece of the protocol."""
    return (
        name not in RESERVED
        and not is_address(name)
        and not any(
            char in "|[]" or char.isspace() or unicodedata.category(char) in ("Cc", "Cf")
            for char in name
        )
    )


def is_address(name: str) -> bool:
    """Whether `name` looks like the `ip:port` that somebody is first called."""
    host, _, port = name.rpartition(":")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return port.isdecimal()
