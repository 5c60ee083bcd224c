"""Two workers and their supervisor, as a program, and a room in which to talk to them."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

from im_final import phrases
from stages.check.program import becomes_true
from stages.check.room import Room
from tests.im_final.children import PATIENCE, running
from tools.soak.house import Store


def words(store: Store, *more: str) -> list[str]:
    """Options for two workers."""
    link = f"redis://127.0.0.1:{store.port}/0"
    return ["--workers", "2", "--backplane", link, "--heartbeat", "0.3", "--lease", "3", *more]


def workers_of(pid: int) -> list[int]:
    """The processes that it has started and that live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            after = stat.read_text().rpartition(")")[2].split()
            if int(after[1]) == pid and after[0] != "Z":
                found.append(int(stat.parent.name))
    return sorted(found)


@contextlib.contextmanager
def workers(store: Store, *more: str) -> Iterator[tuple[Room, list[int]]]:
    """A room of two workers, and their processes."""
    with running(*words(store, *more)) as room:
        program = room.own_program()
        assert becomes_true(lambda: program.stdout.with_text(phrases.READY) == 2, PATIENCE)
        yield room, workers_of(program.process.pid)


def connects(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
