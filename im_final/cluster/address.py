"""The URL of a Redis: whether it can be one, and how it is shown. No I/O.

redis-py takes almost anything: what it does not understand, as a database with a name, it leaves
out, and connects to something else. What it does refuse, it refuses with parts of the password.
"""

from urllib.parse import SplitResult, urlsplit

SCHEMES = ("redis", "rediss", "unix")
FORM = "redis://HOST:PORT/0, with TLS rediss://HOST:PORT/0, or unix:///PATH"


def check(url: str) -> None:
    """Raises ValueError, in a line without the password, for what cannot be the URL of a Redis."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError(f"backplane must be {FORM}")
    if not has_port(parts) or parts.fragment:
        raise ValueError(
            "backplane has a port that is none; if that is of the password, write # as %23, "
            "/ as %2F, ? as %3F and @ as %40"
        )
    if parts.scheme == "unix":
        if not parts.path:
            raise ValueError(f"backplane names no file; it must be {FORM}")
    elif not parts.hostname:
        raise ValueError(f"backplane names no host; it must be {FORM}")
    elif parts.path not in ("", "/") and not parts.path[1:].isdecimal():
        raise ValueError("backplane must end with the number of a database, as /0")


def has_port(parts: SplitResult) -> bool:
    """Whether there is a port, or none is named."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def shown(url: str) -> str:
    """The URL without user, password and options, to be read by anyone."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
