"""A connection to Redis on which one call is made after the other, each with its deadline.

redis-py has clients that retry and pool by themselves. Here it must be known which call was the
last to arrive, so this uses its connections, which speak the protocol and know about addresses,
passwords and TLS, and nothing more.
"""

import asyncio
import os
import ssl
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from redis import exceptions
from redis.asyncio.connection import AbstractConnection, Connection, UnixDomainSocketConnection

from im_final.cluster.address import CHOICES, FILES, Server
from im_final.cluster.deadline import Deadline

PARTS = ("log.lua", "room.lua")  # Of the script, in order.
SCRIPT = b"\n".join(resources.files("im_final.cluster").joinpath(n).read_bytes() for n in PARTS)

SERVER_CLOSED = "Connection closed by server"  # As redis-py says it.

Raw = tuple[bytes, list[bytes]]  # An entry of a stream: id, fields.
Word = str | bytes | int | float
Away = (OSError, TimeoutError, exceptions.RedisError)  # What is raised when Redis does not answer.


class OtherVersion(ConnectionError):
    """The nodes of the room are of another version of im_final."""

    def __str__(self) -> str:
        return "its nodes are of another version of im_final; end them all, or take another room"


class Closed(ConnectionError):
    """Redis has hung up; it says why in its log only."""

    def __str__(self) -> str:
        return "Redis closed the connection"


class Moved(ConnectionError):
    """Another server of a Redis Cluster has the room."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"the room is at {host}:{port}")
        self.host = host
        self.port = port


class Redis:
    """One connection to a server; a call may take `patience` seconds."""

    def __init__(self, server: Server, prefix: str, patience: float) -> None:
        self.server = server
        self.prefix = prefix
        self.patience = patience
        self.deadline = Deadline()
        self.digest = b""  # Of the script.
        self.run = b""  # Another after it was started anew, and after it has become the master.
        self.connection = connection_to(server)

    async def connect(self) -> None:
        """Connect and log in. Raises one of `Away`."""
        async with asyncio.timeout(self.patience):
            await self.connection.connect()

    async def open(self) -> None:
        """Connect to what must be the master. Raises one of `Away`, as Moved.

        `INFO` says what `ROLE` does, and needs no further right.
        """
        await self.connect()
        try:
            await self.call("EXISTS", self.prefix)  # Only to be told who has it.
        except exceptions.ResponseError as error:
            if place := moved_to(error):
                raise Moved(place[0] or self.server.host, place[1]) from None
            raise
        said: bytes = await self.call("INFO", "server")
        said += await self.call("INFO", "replication")
        info = dict(line.partition(b":")[::2] for line in said.split(b"\r\n"))
        if info.get(b"role") != b"master":
            raise ConnectionError(f"{self.server} is a replica, and not the master")
        self.run = info.get(b"run_id", b"") + b"." + info.get(b"master_replid", b"")
        self.digest = await self.call("SCRIPT", "LOAD", SCRIPT)

    async def call(self, *words: Word, wait: float = 0) -> Any:
        """The reply to a command that may take `wait` seconds more. Raises one of `Away`."""
        async with self.deadline.within(self.patience + wait):
            try:
                await self.connection.send_packed_command([packed(words)], check_health=False)
                return await self.connection.read_response(disable_decoding=True)
            except exceptions.ConnectionError as error:
                if str(error).startswith(SERVER_CLOSED):
                    raise Closed from error
                raise

    async def script(self, what: str, *words: Word) -> Sequence[Any]:
        """Have the script do something. Raises one of `Away`, as OtherVersion."""
        reply: Sequence[Any] = await self.call("EVALSHA", self.digest, 1, self.prefix, what, *words)
        if reply[0] == b"version":
            raise OtherVersion
        return reply

    async def eviction(self) -> str:
        """What it throws away when its memory is full (`maxmemory-policy`)."""
        info: bytes = await self.call("INFO", "memory")
        return info.partition(b"maxmemory_policy:")[2].partition(b"\r\n")[0].decode()

    async def read(
        self, after: dict[str, str], count: int, block: int | None = None
    ) -> dict[str, list[Raw]]:
        """Up to `count` entries of each stream (its last part of the name) after an id.

        Waits for one of any, `block` milliseconds at most. Raises one of `Away`.
        """
        blocking: list[Word] = [] if block is None else ["BLOCK", block]
        keys = [f"{self.prefix}:{name}" for name in after]
        words = ["XREAD", "COUNT", count, *blocking, "STREAMS", *keys, *after.values()]
        reply = await self.call(*words, wait=(block or 0) / 1000)
        skip = len(self.prefix.encode()) + 1
        return {stream[skip:].decode(): entries for stream, entries in reply or ()}

    async def close(self) -> None:
        """Hang up, without waiting for a goodbye of TLS, which a server that hangs never says."""
        self.deadline.stop()
        if writer := self.connection._writer:
            writer.transport.abort()
        await self.connection.disconnect(nowait=True)


class TLSConnection(Connection):
    """A connection over TLS as we want it: redis-py 5 does not look at the name of the host."""

    def __init__(self, context: ssl.SSLContext, **options: Any) -> None:
        super().__init__(**options)
        self.context = context

    def _connection_arguments(self) -> Mapping[str, Any]:
        return {**super()._connection_arguments(), "ssl": self.context}


def connection_to(server: Server) -> AbstractConnection:
    """A connection that is not made yet, without deadlines. Raises OSError for want of a file."""
    options: dict[str, Any] = {
        "db": server.db,
        "username": server.username or None,
        "password": server.password or None,
        "client_name": server.client_name or None,
        "protocol": 2,
        "socket_timeout": None,
    }
    if server.path:
        return UnixDomainSocketConnection(path=server.path, **options)
    options |= {"host": server.host, "port": server.port, "socket_keepalive": True}
    if server.tls is None:
        return Connection(**options)
    return TLSConnection(context(server.tls), **options)


def context(options: Mapping[str, str]) -> ssl.SSLContext:
    """TLS as an address has it. Raises OSError, which names the option whose file is no good.

    To parse the certificates of the system takes tens of milliseconds, in which no user is served.
    So a context is made once, and again when a file has changed.
    """
    system = ssl.get_default_verify_paths()
    files = [system.cafile, system.capath, *(options[name] for name in FILES if name in options)]
    return context_of(tuple(options.items()), tuple(version_of(file) for file in files if file))


def version_of(file: str) -> tuple[int, ...]:
    """Values that change when the file is written or replaced; empty if there is no file."""
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


@lru_cache(maxsize=8)
def context_of(
    given: tuple[tuple[str, str], ...],
    versions: tuple[tuple[int, ...], ...],  # noqa: ARG001 - of the files: part of the key
) -> ssl.SSLContext:
    """The context with these options. Raises OSError, as `context`."""
    options = dict(given)
    made = ssl.create_default_context()
    for name, file in options.items():
        try:
            match name:
                case "ssl_ca_certs":
                    made.load_verify_locations(cafile=file)
                case "ssl_ca_path":
                    os.scandir(file).close()  # OpenSSL takes a folder that is not there.
                    made.load_verify_locations(capath=file)
                case "ssl_certfile":
                    made.load_cert_chain(file, options.get("ssl_keyfile"), password=no_pass_phrase)
        except (OSError, ValueError) as error:
            reason = (isinstance(error, OSError) and error.strerror) or error
            raise OSError(f"backplane option {name} is {file}: {reason}") from None
    made.check_hostname = is_on("ssl_check_hostname", options) and is_on("ssl_cert_reqs", options)
    made.verify_mode = ssl.CERT_REQUIRED if is_on("ssl_cert_reqs", options) else ssl.CERT_NONE
    return made


def no_pass_phrase() -> str:
    """OpenSSL would ask for it on the terminal, and everyone would wait for that."""
    raise ValueError("its key has a pass phrase; take one without")


def is_on(name: str, options: Mapping[str, str]) -> bool:
    """True if the server has to prove that much; it does unless an option says no."""
    return CHOICES[name].get(options.get(name, "").lower(), True)


def moved_to(error: Exception) -> tuple[str, int] | None:
    """Where a node of a Redis Cluster says that the key is; redis-py 5 leaves that in its words."""
    text = str(error)
    if not isinstance(error, exceptions.MovedError) and not text.startswith("MOVED "):
        return None
    host, _, port = text.rsplit(maxsplit=1)[-1].rpartition(":")
    return host, int(port)


def why(error: Exception) -> str:
    """What is the matter, in a few words."""
    if place := moved_to(error):
        return "the room has moved to {}:{}".format(*place)
    if isinstance(error, exceptions.InvalidResponse):
        return "what answers there is no Redis"
    return str(error).rstrip(".") or "no answer in time"


def packed(words: Sequence[Word]) -> bytes:
    """A command, as it is sent (RESP); redis-py's own way takes three times as long."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        text = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(text), text))
    return b"".join(parts)
