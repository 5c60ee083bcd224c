"""Stage 1: a basic server.

It accepts connections, logs each one, and closes it: there is nothing to say yet. What matters is
who waits for whom. Every connection gets a task of its own (in Go: `go s.Handler(conn)`), so that a
slow conversation never keeps the next caller waiting.
"""

import asyncio
import logging
from dataclasses import dataclass, field

from stages import command, phrases

LISTEN_BACKLOG = 1024  # Connections that may wait to be accepted; a rush overflows asyncio's 100.
LINGER = 1.0  # Seconds to read on after our last byte, see `Server.serve`.
GOODBYE = 2.0  # Seconds to take our last bytes before the connection is cut.

log = logging.getLogger("stages")


@dataclass(eq=False)
class Server:
    """Listens on `host` and `port`; port 0 takes a free one, known after `start`."""

    host: str = "127.0.0.1"
    port: int = 9999
    tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False, repr=False)

    async def start(self) -> None:
        """Listen, and return at once. Raises OSError when the address cannot be had."""
        self.listener = await asyncio.start_server(
            self.accept, self.host, self.port, backlog=LISTEN_BACKLOG
        )
        self.host, self.port = self.listener.sockets[0].getsockname()[:2]
        for sock in self.listener.sockets:  # A host may have several addresses.
            log.info("%s %s:%s", phrases.READY, *sock.getsockname()[:2])

    async def stop(self) -> None:
        """Accept nobody more, end every conversation, return when all have ended."""
        self.listener.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Give a new connection its task, and keep hold of the task until it is done."""
        task = asyncio.create_task(self.serve(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        task.add_done_callback(lambda _: writer.close())  # Even if it ended before it began.

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from accept to close, however its conversation ends.

        Closing on unread input resets the connection, and a reset can overtake our last line
        (RFC 1122, 4.2.2.13). So we end our side first and read on for a moment.
        """
        log.info(phrases.CONNECTED)
        try:
            await self.handle(reader, writer)
            writer.write_eof()
            async with asyncio.timeout(LINGER):
                while await reader.read(4096):
                    pass
        except OSError:
            pass  # The peer is gone, or does not hang up in time.
        except Exception:
            log.exception("a bug ended a conversation")
        finally:
            writer.close()
            try:
                async with asyncio.timeout(GOODBYE):
                    await writer.wait_closed()
            except OSError:
                writer.transport.abort()  # It does not take our last bytes.

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The conversation. There is none yet: every later stage talks here."""


if __name__ == "__main__":
    command.main(Server)
