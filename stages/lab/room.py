"""A room: a server that runs in the background of a notebook, and the people who are in it.

A room can be opened again and again: the newer one of a name replaces the older, so a cell can be
run twice. Servers take a free port, so nothing here depends on which ports are in use.
"""

import asyncio
import builtins
import queue
import socket
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any, ClassVar, Protocol, Self

from stages.check.failure import Failure
from stages.check.room import open_socket
from stages.lab.background import Background
from stages.lab.client import Client
from stages.lab.diagram import Diagram
from stages.lab.journal import Journal

START = 5.0  # Seconds in which a server has to listen.
END = 5.0  # Seconds in which it has to stop, or to come to rest.
PATIENCE = 2.0  # Seconds that one waits for a line.
AT_LEISURE = 3600.0  # Seconds.
STANDS_STILL = "the server stands still: something in it waits without `await`"
FEW = 100  # Callers at a time: of a longer queue before its door, a system may turn some away.
TURNS = 20  # Turns of the server's loop in which it takes in what has arrived.


class Server(Protocol):
    """What a room can open: any stage, the finished server, or a class from a cell."""

    host: str
    port: int

    async def start(self) -> None:
        """Listen, and return."""

    async def stop(self) -> None:
        """End every conversation."""


class Room:
    """A running server, `room.server`, with people in it, `room.people`.

    `Room(stage3.Server)` opens one; further arguments are those of the server, as in
    `Room(stage7.Server, idle_timeout=1)`. Without that, nobody is shown out for an hour: whoever
    goes through the cells has time to read. What goes wrong while the server starts is raised here.
    A room of the same `name` is closed first; the name is that of the class if you give none.
    """

    opened: ClassVar[dict[str, "Room"]] = {}

    def __init__(
        self, server_class: Callable[..., Server], *, name: str | None = None, **options: Any
    ) -> None:
        self.name = name or f"{server_class.__module__}.{server_class.__qualname__}"
        if self.name in self.opened:
            with suppress(Exception):  # Whatever keeps the older one, this one may open.
                self.opened.pop(self.name).close()
        self.journal = Journal()
        self.people: dict[str, Client] = {}
        self.troubles: deque[str] = deque()
        self.server = server_class(port=0, **options)
        if "idle_timeout" not in options and hasattr(self.server, "idle_timeout"):
            self.server.idle_timeout = AT_LEISURE
        self.background = Background(self.name)
        try:
            self.background.call(self.server.start(), START)
        except BaseException:
            self.background.stop(END)
            raise
        self.opened[self.name] = self

    def __repr__(self) -> str:
        here = ", ".join(label for label, person in self.people.items() if person.is_here())
        return f"<room of {self.name}: {here or 'nobody is here'}>"

    # People.

    def connect(self, label: str, *, reads: bool = True) -> Client:
        """Somebody connects, and has read nothing yet; an older person of that label leaves.

        With `reads=False` they never will, and the system keeps very little for them, so that
        whoever sends to them notices soon.
        """
        if label in self.people:
            self.people.pop(label).leave()
        with nullcontext() if reads else little_to_send(self.server):
            sock = self._open(label, small_buffers=not reads)
        person = Client(
            label,
            sock,
            self.journal,
            PATIENCE,
            reading=reads,
            pause=self.pause,
            trouble=self.untold_trouble,
            mistake=self.untold_mistake,
        )
        self.people[label] = person
        self.journal.does(label, "connects" if reads else "connects, and reads nothing")
        return person

    def join(self, *labels: str) -> Any:
        """People connect, one after another; each reads a line, and all others the line about them.

        Returns who joined: one person, or a list.
        """
        joined = []
        for label in labels:
            newcomer = self.connect(label)
            newcomer.read()
            for person in self.readers():
                if person is not newcomer:
                    person.read_until(newcomer.addr)
            joined.append(newcomer)
        return joined[0] if len(joined) == 1 else joined

    def visit(self, count: int) -> None:
        """So many people connect and leave at once, one after another."""
        self.journal.note(f"{count} visitors connect and leave, one after another")
        for number in range(count):
            if number % FEW == 0:
                self.pause()
            self._open("visitor").close()

    def read(self, count: int = 1) -> Journal:
        """Everyone reads so many lines; returns who read what."""
        began = len(self.journal.events)
        for _ in range(count):
            for person in self.readers():
                person.read()
        return self.journal.since(began)

    def readers(self) -> list[Client]:
        """All who are here and do read."""
        return [person for person in self.people.values() if person.reading and person.is_here()]

    def _open(self, label: str, *, small_buffers: bool = False) -> socket.socket:
        """A connection for somebody. Raises Failure."""
        address = self.server.host, self.server.port
        try:
            return open_socket(address, PATIENCE, small_buffers=small_buffers)
        except TimeoutError:
            raise Failure(f"no connection in {PATIENCE:g} s", reader=label) from None
        except OSError as error:
            cause = f"no connection: {error.strerror or error}"
            raise Failure(cause, reader=label) from None

    def lets_in(self) -> bool:
        """Whether somebody who connects now is let in; they leave at once."""
        try:
            self._open("visitor").close()
        except Failure:
            return False
        self.pause()  # They have come and gone before anything else happens.
        return True

    # The server.

    def trouble(self) -> str:
        """Return the next exception of the server that was not asked for yet, in a line.

        Waits for it, PATIENCE seconds at most. Raises Failure when there is none.
        """
        self.note_troubles()
        if not self.troubles:
            try:
                self._note(self.background.troubles.get(timeout=PATIENCE))
            except queue.Empty:
                cause = f"nothing went wrong in the server in {PATIENCE:g} s"
                raise Failure(cause) from None
        line = self.troubles.popleft()
        if not is_mistake(line):
            self.journal.does("server", f"fails: {line}")
        return self.journal.show(line)

    def untold_trouble(self) -> str:
        """The server's last exception, in a line; empty if `trouble` has returned all of them."""
        self.note_troubles()
        return self.journal.show(self.troubles[-1]) if self.troubles else ""

    def untold_mistake(self) -> str:
        """As `untold_trouble`, without what a peer can cause by leaving."""
        line = self.untold_trouble()
        return line if is_mistake(line) else ""

    def note_troubles(self) -> None:
        """Add to the journal each mistake that the server has made since the last call.

        Every view of the room calls this first: a mistake in a server must never be taken for
        what a lesson shows.
        """
        while not self.background.troubles.empty():
            self._note(self.background.troubles.get())

    def _note(self, line: str) -> None:
        self.troubles.append(line)
        if is_mistake(line):
            self.journal.does("server", f"fails: {line}")

    def tasks(self) -> int:
        """How many tasks the server has, conversations and all, when it has come to rest."""
        return self.background.call(settled_tasks(), END)

    def timers(self) -> int:
        """How many timers the server has set that have still to ring, when it has come to rest."""
        return self.background.call(settled_timers(), END)

    def roster(self) -> list[str]:
        """The names of all who are online, as the server has them now."""
        names = self.background.call(names_online(self.server), END)
        return [self.journal.show(name) for name in names]

    def pause(self) -> None:
        """Let the server take in what has arrived, if it can."""
        with suppress(TimeoutError):
            self.background.call(some_turns(), PATIENCE / 4)

    def at_once(self) -> AbstractContextManager[None]:
        """What people send within, the server finds afterwards, all of it at the same moment."""
        return self.background.held(PATIENCE)

    def wait_until(self, condition: Callable[[Any], bool]) -> None:
        """Return when `condition(server)` holds; it has to, in time."""
        with suppress(TimeoutError):
            return self.background.call(until(condition, self.server), PATIENCE)
        raise Failure(f"it did not come true in {PATIENCE:g} s")

    # The story.

    def note(self, text: str) -> None:
        """Add a sentence to the journal."""
        self.journal.note(text)

    def summary(self, text: str) -> AbstractContextManager[None]:
        """Tell what happens within in one sentence, not line by line."""
        return self.journal.summary(text)

    def diagram(self, title: str) -> Diagram:
        """The sequence diagram of all that has happened here."""
        if self.background.thread.is_alive():
            self.pause()  # What people have sent may still raise something.
        self.note_troubles()
        return self.journal.diagram(title)

    # The end.

    def close(self) -> None:
        """Everybody leaves, and the server stops. Nothing happens if that was done before.

        Raises TimeoutError when it does not stop; then it is left to itself, until the kernel ends.
        """
        if self.opened.get(self.name) is self:
            del self.opened[self.name]
        for person in self.people.values():
            person.sock.close()
        if self.background.thread.is_alive():
            self.pause()  # A connection that is just being accepted when the server stops is lost.
            try:
                self.background.call(self.server.stop(), END)
            except TimeoutError:
                raise TimeoutError(STANDS_STILL) from None
            finally:
                self.background.stop(END)

    @classmethod
    def close_all(cls) -> None:
        """Close every room of this notebook. Raises the last of what went wrong, when all are."""
        trouble = None
        for room in list(cls.opened.values()):
            try:
                room.close()
            except Exception as error:
                trouble = error
        if trouble:
            raise trouble

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_mistake(trouble: str) -> bool:
    """True for an exception that a program raises by itself: no OSError, which a peer can cause.

    What asyncio only remarks, as of a task that was thrown away, comes at any time.
    """
    name = trouble.partition(":")[0]
    kind = getattr(builtins, name, Exception)
    return name.isidentifier() and not (isinstance(kind, type) and issubclass(kind, OSError))


@contextmanager
def little_to_send(server: Any) -> Iterator[None]:
    """Connections made meanwhile have small send buffers, as they have them from the listener.

    Otherwise how much the system takes for one who does not read is as it pleases, up to megabytes.
    """
    sockets = listening(server)
    sizes = [sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) for sock in sockets]
    try:
        for sock in sockets:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)  # The least there is.
        yield
    finally:
        for sock, size in zip(sockets, sizes, strict=True):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)


def listening(server: Any) -> list[Any]:
    """The sockets that a server listens with: its attributes, in its lists, or asyncio's for it."""
    kept = list(getattr(server, "__dict__", {}).values())
    kept += [one for several in kept if isinstance(several, list | tuple) for one in several]
    kept += [sock for one in kept if isinstance(one, asyncio.Server) for sock in one.sockets]
    sockets = [sock for sock in kept if hasattr(sock, "getsockopt") and sock.fileno() >= 0]
    return [sock for sock in sockets if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)]


async def some_turns() -> None:
    """Let the loop turn."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def until(condition: Callable[[Any], bool], server: Server) -> None:
    """Let the loop turn until the condition holds."""
    while not condition(server):  # noqa: ASYNC110 - the server knows nothing of who waits
        await asyncio.sleep(0)


async def names_online(server: Any) -> list[str]:
    """Asked in the server's own loop, where nobody can come or go meanwhile."""
    return list(server.online_map)


async def settled_tasks() -> int:
    """The tasks of this loop, once their number has not changed for some turns.

    The one that counts and the one that keeps the loop running are left out.
    """
    before, count = -1, len(asyncio.all_tasks())
    while count != before:
        await some_turns()
        before, count = count, len(asyncio.all_tasks())
    return count - 2


async def settled_timers() -> int:
    """The timers of this loop, without those that were taken back; asyncio lists them nowhere."""
    await settled_tasks()
    timers = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    return sum(not timer.cancelled() for timer in timers)
