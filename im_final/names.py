"""Which names a user may have, and when two names are one.

A name must not pretend to be something else: another user, a command, an address, a piece of the
protocol. Two names that a reader takes for one are one: `Bob`, `bob` and a `bob` of full-width
letters have the same key (NFKC and casefold, much as RFC 8265 compares usernames). Each is shown as
it was typed. What shows nothing tells no names apart, and is no name. Letters of different scripts
that only look alike are not caught: that would take the tables of UTS 39.
"""

import ipaddress
import re
import unicodedata

MAX_NAME = 32  # Characters; ergo's limit.
MAX_ADDRESS = 45  # Characters of an `ip:port`: an IPv6 address has up to 39.
RESERVED = {"who", "rename", "to"}  # The command words.

# What shows nothing and is neither a space nor a format character: fillers of Hangul, vowels of
# Khmer, selectors of variants (Default_Ignorable_Code_Point of Unicode 16), the blank of Braille.
INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\ufff0-\ufff8\U000e0000-\U000e0fff]"
)


def is_too_long(name: str) -> bool:
    """Whether nobody can be called `name`, whatever is in it: neither by choice nor by address.

    Ask this first. What else is asked here normalises, which takes a microsecond for a character.
    """
    return len(name) > (MAX_ADDRESS if name.isascii() else MAX_NAME)


def key(name: str) -> str:
    """What two names share that are too alike to be two."""
    if name.isascii():
        return name.lower()  # The same, and most names are; asked for each private line.
    return unicodedata.normalize("NFKC", visible(name).casefold())


def is_assigned(name: str) -> bool:
    """Whether our Unicode table has every character of `name`.

    Then every later table gives it the same key (Unicode's policies on the stability of
    normalization and of case folding; RFC 8264, 9.10, has the same rule).
    """
    return name.isascii() or all(unicodedata.category(char) != "Cn" for char in name)


def visible(name: str) -> str:
    """What there is to see of a name, in its simplest form."""
    return unicodedata.normalize("NFKC", INVISIBLE.sub("", name))


def valid_name(name: str) -> bool:
    """Whether a user may be called `name`: by what it is, and by what it would be read as."""
    if len(name) > MAX_NAME:
        return False
    seen = visible(name)
    return seen != "" and is_honest(name) and is_honest(seen)


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
