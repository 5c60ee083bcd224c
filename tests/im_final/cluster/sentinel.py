"""A Sentinel that says what the test wants."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator


@contextlib.asynccontextmanager
async def liar(port: int, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A Sentinel that says that the master is there, or with port 0 says nothing; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            while port and (head := await reader.readline()):
                words = [
                    (await reader.readline(), (await reader.readline()).rstrip())[1]
                    for _ in range(int(head[1:]))
                ]
                where = b"*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%d\r\n" % (len(str(port)), port)
                writer.write(where if words[0] == b"SENTINEL" else b"+OK\r\n")
            await reader.read()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]
