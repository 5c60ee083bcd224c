"""A right server in another design: asyncio's streams, a queue and two tasks for each visit."""

import asyncio
import contextlib
import signal
import sys

from rules import BACKLOG, GOODBYE, Lines, Person, Room, TooLong, options

from stages import phrases


class Server:
    """The room, and a task for each visit."""

    def __init__(self, idle: float, stage: int) -> None:
        self.room = Room(stage)
        self.stage = stage
        self.idle = idle if stage >= 7 else None
        self.visits: set[asyncio.Task[None]] = set()

    async def visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its beginning to its end."""
        print(phrases.CONNECTED, flush=True)
        task = asyncio.current_task()
        assert task
        self.visits.add(task)
        task.add_done_callback(self.visits.discard)
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        waiting = 0

        def send(text: str) -> None:
            nonlocal waiting
            data = text.encode() + b"\n"
            waiting += len(data)
            queue.put_nowait(data)
            if waiting > BACKLOG:
                writer.transport.abort()

        async def pump() -> None:
            nonlocal waiting
            with contextlib.suppress(OSError):
                while (data := await queue.get()) is not None:
                    writer.write(data)
                    await writer.drain()
                    waiting -= len(data)

        writer.transport.set_write_buffer_limits(high=0)
        pumping = asyncio.create_task(pump())
        person = Person("{}:{}".format(*writer.get_extra_info("peername")[:2]), send)
        self.room.join(person)
        try:
            await self.converse(reader, person)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self.room.leave(person)
            queue.put_nowait(None)
            await farewell(reader, writer, pumping)

    async def converse(self, reader: asyncio.StreamReader, person: Person) -> None:
        """Act on every line until there are no more, or none comes for too long."""
        lines = Lines()
        loop = asyncio.get_running_loop()
        data = b"?"
        try:
            async with asyncio.timeout(self.idle) as limit:
                while data and self.stage > 1:
                    data = await reader.read(1 << 16)
                    for line in lines.feed(data, last=not data):
                        if isinstance(line, TooLong):
                            if self.stage < 3:
                                lines = Lines()
                                break
                            person.send(phrases.TOO_LONG)
                            return
                        if self.idle is not None:
                            limit.reschedule(loop.time() + self.idle)
                        self.room.act(person, line)
        except TimeoutError:
            person.send(phrases.KICKED)


async def farewell(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pumping: asyncio.Task[None]
) -> None:
    """Deliver what is queued, then close."""
    try:
        async with asyncio.timeout(GOODBYE):
            await pumping
            writer.write_eof()
            while await reader.read(1 << 16):
                pass
    except OSError:
        writer.transport.abort()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def main() -> int:
    """Run it until a signal; returns the exit status."""
    given = options()
    server = Server(given.idle, given.stage)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    try:
        listener = await asyncio.start_server(server.visit, "127.0.0.1", given.port, backlog=512)
    except OSError as error:
        print(f"cannot listen on port {given.port}: {error.strerror}", file=sys.stderr)
        return 1
    print(phrases.READY, flush=True)
    await stopped.wait()
    listener.close()
    server.room.online.clear()
    visits = list(server.visits)
    for visit in visits:
        visit.cancel()
    await asyncio.gather(*visits, return_exceptions=True)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
