"""The address of a backplane, as it is given: one URL, with all that is needed to connect. No I/O.

    redis://USER:PASSWORD@HOST:PORT/DB            one Redis; rediss:// is the same over TLS
    redis://HOST:PORT,HOST:PORT/DB                several, of which one is the master
    redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/DB    Sentinels, which know the master
    unix://USER:PASSWORD@/PATH?db=DB              a socket of this machine

Several hosts stand in one URL, with commas, as in those of PostgreSQL and MongoDB. redis-py's own
parser knows one host only, and takes almost anything: what it does not understand it leaves out,
and an option of its pool or of its sockets (`socket_timeout`, `protocol`) breaks a link that waits
for entries. So the options are listed here, and all others are refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote

from im_final.options import LAST_PORT

SCHEMES = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel")
FORM = (
    "redis://HOST:PORT/0, with TLS rediss://HOST:PORT/0, "
    "with Sentinels redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/0, or unix:///PATH"
)
QUOTE = "if that is of the password, write # as %23, / as %2F, ? as %3F and @ as %40"
URL = re.compile(r"([a-z+]*):(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(#.*)?", re.IGNORECASE | re.S)
HOST = re.compile(r"(?:\[([^\[\]]+)\]|([^\[\]:\s]*))(?::(\d*))?")
SERVICE = re.compile("[A-Za-z0-9._-]+")  # What Sentinel takes for a name.
NAME = re.compile("[!-~]+")  # What Redis takes for the name of a client.
PORT, SENTINEL_PORT = 6379, 26379

LOGIN = ("username", "password", "client_name")
SENTINEL_LOGIN = ("sentinel_username", "sentinel_password")
FILES = ("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile")
CHOICES: Mapping[str, Mapping[str, bool]] = {  # Whether the server has to prove who it is.
    "ssl_cert_reqs": {"required": True, "optional": True, "none": False},
    "ssl_check_hostname": {
        **dict.fromkeys(("yes", "true", "1"), True),
        **dict.fromkeys(("no", "false", "0"), False),
    },
}
PATIENCE = "a call may take half of --lease"
INSTEAD: Mapping[str, str] = {  # Why an option that redis-py has is not taken.
    **dict.fromkeys(("timeout", "socket_timeout", "socket_connect_timeout"), PATIENCE),
    **dict.fromkeys(("protocol", "legacy_responses"), "the link speaks RESP2"),
    "ssl_password": "take a key without a pass phrase",
    "socket_keepalive": "it is always on",
}


@dataclass(frozen=True, slots=True)
class Server:
    """One Redis or Sentinel, and how to log in there. With a `path` it is a socket's file."""

    host: str = ""
    port: int = PORT
    path: str = ""
    db: int = 0
    username: str = ""
    password: str = field(default="", repr=False)
    client_name: str = ""
    tls: Mapping[str, str] | None = None  # Options whose names begin with `ssl_`; None without TLS.

    def __str__(self) -> str:
        """The server as a URL without user, password and options, to be read by anyone."""
        if self.path:
            return f"unix://{self.path}"
        return f"redis{'s' * self.uses_tls}://{in_url(self.host)}:{self.port}/{self.db}"

    @property
    def uses_tls(self) -> bool:
        """True if it is spoken to over TLS."""
        return self.tls is not None


@dataclass(frozen=True, slots=True)
class Address:
    """Where the master is: one of the `servers`, or where the `sentinels` say.

    One of the two is empty. `shown` can be read by anyone.
    """

    shown: str
    servers: tuple[Server, ...]
    sentinels: tuple[Server, ...]
    service: str  # The name that the Sentinels know the master by.
    any_server: Server

    def at(self, host: str, port: int) -> Server:
        """The server at that place, with the login for all of them."""
        return replace(self.any_server, host=host, port=port)


def read(url: str) -> Address:
    """Read a URL. Raises ValueError, in a line without the password, if it is none."""
    found = URL.fullmatch(url)
    scheme = found[1].lower() if found else ""
    if not found or scheme not in SCHEMES:
        raise ValueError(f"backplane must be {FORM}")
    authority, path, query = found[2] or "", found[3], found[4] or ""
    if found[5] or "@" in query or ("@" in path and scheme != "unix"):
        raise ValueError(f"backplane has a #, or an @ behind its hosts; {QUOTE}")
    login, _, hosts = authority.rpartition("@")
    options = read_options(query)
    username, _, password = login.partition(":")
    if username:
        options["username"] = unquote(username)
    if password:
        options["password"] = unquote(password)
    tls = {name: options.pop(name) for name in [*options] if name.startswith("ssl_")}
    secret = {name: options.pop(name) for name in SENTINEL_LOGIN if name in options}
    if tls and not scheme.startswith("rediss"):
        raise ValueError(f"backplane has {min(tls)}, which is for rediss:// only")
    if secret and "sentinel" not in scheme:
        raise ValueError(f"backplane has {min(secret)}, which is for redis+sentinel:// only")
    shown = f"{scheme}://{hosts}{path}"
    db = read_db(options.pop("db", ""))
    one = Server(db=db, tls=tls if scheme.startswith("rediss") else None, **options)  # type: ignore[arg-type]
    if scheme == "unix":
        if not path or hosts:
            raise ValueError(f"backplane names no file; it must be {FORM}")
        return Address(shown, (replace(one, path=unquote(path)),), (), "", one)
    places = [read_host(host) for host in hosts.split(",")]
    service = ""
    if "sentinel" in scheme:
        service, _, path = path.removeprefix("/").partition("/")
        if not SERVICE.fullmatch(service):
            raise ValueError(f"backplane names no service of the Sentinels; it must be {FORM}")
    number = path.removeprefix("/")
    if number and db:
        raise ValueError("backplane has two databases; leave out ?db=")
    one = replace(one, db=read_db(number) or db)
    if service:
        return Address(shown, (), tuple(sentinels(places, one, secret)), service, one)
    found_at = tuple(replace(one, host=host, port=port or PORT) for host, port in places)
    return Address(shown, found_at, (), "", one)


def read_options(query: str) -> dict[str, str]:
    """What is behind the ?, checked. Raises ValueError, in a line."""
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        taken = (*LOGIN, *SENTINEL_LOGIN, *FILES, *CHOICES, "db")
        if name in INSTEAD or name not in taken:
            instead = INSTEAD.get(name, f"it takes {', '.join(taken)}")
            raise ValueError(f"backplane cannot have the option {name!r}: {instead}")
        if name in options:
            raise ValueError(f"backplane has the option {name} twice")
        if not value:
            raise ValueError(f"backplane has the option {name} without a value")
        choices = CHOICES.get(name)
        if choices and value.lower() not in choices:
            raise ValueError(f"backplane option {name} must be one of {', '.join(choices)}")
        options[name] = value
    if "ssl_keyfile" in options and "ssl_certfile" not in options:
        raise ValueError("backplane has the option ssl_keyfile without ssl_certfile")
    if not NAME.fullmatch(options.get("client_name", "-")):
        raise ValueError("backplane option client_name must be letters and digits without spaces")
    return options


def read_db(text: str) -> int:
    """The number of a database. Raises ValueError, in a line."""
    if text and not (text.isascii() and text.isdecimal()):
        raise ValueError("backplane must end with the number of a database, as /0")
    return int(text or 0)


def read_host(text: str) -> tuple[str, int]:
    """A host and its port, 0 if none is named. Raises ValueError, in a line."""
    found = HOST.fullmatch(text)
    port = int(found[3] or PORT) if found else 0
    if not found or not 0 < port <= LAST_PORT:
        raise ValueError(f"backplane has a port that is none; {QUOTE}")
    host = unquote(found[1] or found[2] or "")
    if not host:
        raise ValueError(f"backplane names no host; it must be {FORM}")
    return host, int(found[3] or 0)


def sentinels(
    places: list[tuple[str, int]], one: Server, secret: Mapping[str, str]
) -> list[Server]:
    """The Sentinels there. They have a login of their own, or none."""
    login = {name.removeprefix("sentinel_"): value for name, value in secret.items()}
    plain = Server(client_name=one.client_name, tls=one.tls, **login)  # type: ignore[arg-type]
    return [replace(plain, host=host, port=port or SENTINEL_PORT) for host, port in places]


def in_url(host: str) -> str:
    """A host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host
