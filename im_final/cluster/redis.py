"""A connection to Redis on which one call is made after the other, each with its deadline.

redis-py has clients that retry and pool by themselves. Here it must be known which call was the
last to arrive, so this uses its connections, which speak the protocol and know about addresses,
passwords and TLS, and nothing more.
"""

import asyncio
from collections.abc import Sequence
from importlib import resources
from typing import Any

from redis import exceptions
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection, UnixDomainSocketConnection

from im_final.cluster.deadline import Deadline

PARTS = ("log.lua", "room.lua")  # Of the script, in order.
SCRIPT = b"\n".join(resources.files("im_final.cluster").joinpath(n).read_bytes() for n in PARTS)

Raw = tuple[bytes, list[bytes]]  # An entry of a stream: id, fields.
Word = str | bytes | int | float
Away = (OSError, TimeoutError, exceptions.RedisError)  # What is raised when Redis does not answer.


class OtherVersion(ConnectionError):
    """The nodes of the room are of another version of im_final."""

    def __str__(self) -> str:
        return "its nodes are of another version of im_final; end them all, or take another room"


class Redis:
    """One connection to the Redis at `url`; a call may take `patience` seconds."""

    def __init__(self, url: str, prefix: str, patience: float) -> None:
        self.prefix = prefix
        self.patience = patience
        self.deadline = Deadline()
        self.digest = b""  # Of the script.
        self.run = b""  # The id of this run of Redis: another after it was started anew.
        self.connection = connection_to(url)

    async def open(self) -> None:
        """Connect. Raises one of `Away`."""
        async with asyncio.timeout(self.patience):
            await self.connection.connect()
        self.digest = await self.call("SCRIPT", "LOAD", SCRIPT)
        info: bytes = await self.call("INFO", "server")
        self.run = info.partition(b"run_id:")[2].partition(b"\r\n")[0]

    async def call(self, *words: Word, wait: float = 0) -> Any:
        """The reply to a command that may take `wait` seconds more. Raises one of `Away`."""
        async with self.deadline.within(self.patience + wait):
            await self.connection.send_packed_command([packed(words)], check_health=False)
            return await self.connection.read_response(disable_decoding=True)

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
        """Hang up."""
        self.deadline.stop()
        await self.connection.disconnect(nowait=True)


def connection_to(url: str) -> AbstractConnection:
    """A connection that is not made yet, without deadlines. Raises ValueError, in a line."""
    pool = ConnectionPool.from_url(url, protocol=2, socket_timeout=None)
    if pool.connection_class is not UnixDomainSocketConnection:
        pool.connection_kwargs["socket_keepalive"] = True
    try:
        return pool.connection_class(**pool.connection_kwargs)
    except TypeError:
        raise ValueError(
            "backplane has an option, after its ?, that redis-py does not know"
        ) from None


def why(error: Exception) -> str:
    """What is the matter, in a few words."""
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
