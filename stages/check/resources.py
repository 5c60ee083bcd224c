"""What a program uses, read from Linux's /proc: open files, processor time, memory.

A program is a process group: what was started and what that started in turn. On other systems every
function raises Skip.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from stages.check.failure import Skip

LISTEN = "0A"  # The state of such a socket in /proc/net/tcp.


def pids(group: int) -> list[int]:
    """The processes of a group."""
    if sys.platform != "linux":
        raise Skip("needs Linux: it reads /proc")
    found = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in found if stat(pid)[2:3] == [str(group)]]


def running(group: int) -> list[int]:
    """Those of them that have not ended."""
    return [pid for pid in pids(group) if stat(pid)[:1] not in (["Z"], ["X"], [])]


def stands(group: int) -> bool:
    """Whether all of them are stopped by a signal."""
    return all(stat(pid)[:1] == ["T"] for pid in running(group))


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on, see proc(5); none when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def open_files(group: int) -> int:
    """Open file descriptors, sockets included."""
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids(group))


def listens(group: int, port: int) -> bool:
    """Whether one of the processes listens on a TCP port."""
    return bool(who_listens(group, port))


def who_listens(group: int, port: int) -> list[int]:
    """Those of the processes that listen on a TCP port, see proc(5) on net/tcp and fd."""
    wanted = {f"socket:[{inode}]" for inode in listeners(port)}
    return [pid for pid in pids(group) if wanted & set(opened_by(pid))]


def opened_by(pid: int) -> Iterator[str]:
    """What a process has open, as far as we are told: it may close that, or end, in this moment."""
    with contextlib.suppress(OSError):
        for opened in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                yield os.readlink(opened)


def listeners(port: int) -> list[str]:
    """The inodes of the sockets that listen on a TCP port."""
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        if (path := Path(f"/proc/net/{name}")).exists()
        for line in path.read_text().splitlines()[1:]
    ]
    return [row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == LISTEN]


def cpu_seconds(group: int) -> float:
    """Processor time used so far, in user and system mode."""
    ticks = sum(int(field) for pid in pids(group) for field in stat(pid)[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def wanted_seconds(group: int) -> dict[str, float]:
    """How long each thread has used a processor or waited for one, where the system tells.

    On a loaded machine a busy loop gets little of a processor, and waits for one all the time.
    """
    wanted = {}
    for pid in pids(group):
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                used, waited, _ = map(int, (task / "schedstat").read_text().split())
                wanted[task.name] = (used + waited) / 10**9
    return wanted


def memory(group: int) -> int:
    """Resident bytes."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids(group))
    return pages * os.sysconf("SC_PAGE_SIZE")


def limit_open_files(group: int, count: int | None) -> None:
    """Let each process open no more than `count` files; None lifts that again."""
    found = pids(group)
    import resource  # noqa: PLC0415 - there is none on Windows

    for pid in found:
        _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (count or hard, hard))
