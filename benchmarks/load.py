"""The load, as a process of its own: `python -m benchmarks.load '{"do": "flood", ...}'`.

It connects to a server that runs already, does one thing for a bounded time, prints one JSON object
and ends. The figures are of the time between the first and the last look at the clock; the server's
processor time is read at the same two moments.
"""

import contextlib
import json
import select
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil

from benchmarks.crowd import Crowd, Member
from benchmarks.dialects import DIALECTS

SEGMENT = 2**16  # Bytes that a sender who is in a hurry gives to the system at once.
PATIENCE = 30.0  # Seconds in which an answer must come.
FILL = 2**24  # Bytes to each reader, more than the system keeps for one who does not read...
FILL_SECONDS = 5.0  # ...unless the server is too slow for that.
TICK = 0.001  # Seconds between two parts of a steady load.

Figures = dict[str, Any]


def text_of(size: int, tag: bytes = b"") -> bytes:
    """A message of `size` bytes that begins with `tag`."""
    return tag + b"x" * (size - len(tag))


class Clock:
    """The time that passes, and the processor time that the server and the load use meanwhile."""

    def __init__(self, pid: int) -> None:
        self.processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        self.cpu = self._cpu()
        self.own = time.process_time()
        self.used = 0.0  # By the load, until `stop`.
        self.began = time.perf_counter()

    def _cpu(self) -> float:
        times = [process.cpu_times() for process in self.processes if process.is_running()]
        return sum((float(one.user + one.system) for one in times), 0.0)

    def stop(self) -> tuple[float, float]:
        """Seconds that have passed, and seconds of the server's processor time."""
        self.used = time.process_time() - self.own
        return time.perf_counter() - self.began, self._cpu() - self.cpu

    def shares(self, took: float, cpu: float) -> Figures:
        """How busy the server was, and how busy the load: who has 1.0 is the bottleneck."""
        return {"cpu": cpu / took, "load_cpu": self.used / took}


def length_of_a_line(crowd: Crowd, speaker: Member, listener: Member, size: int) -> int:
    """How many bytes a message of this size is when it arrives."""
    before = listener.got
    crowd.send_all(speaker, crowd.dialect.say(text_of(size)))
    crowd.settle()
    whole = listener.got - before
    before = listener.got
    crowd.settle()
    return whole - (listener.got - before)


def flood(
    crowd: Crowd, pid: int, readers: int, size: int, seconds: float, stalled: int | None = None
) -> Figures:
    """One sends as fast as it may, all others read; `stalled` more do not.

    These are felt only when the system keeps no more for them. So where it is said how many there
    are, be it none, the measurement begins after that.
    """
    audience = crowd.join(readers)
    (sender,) = crowd.join(1)
    line = length_of_a_line(crowd, sender, audience[0], size)
    for member in crowd.join(stalled or 0):
        crowd.epoll.unregister(member.sock.fileno())
    said = crowd.dialect.say(text_of(size))
    segment = memoryview(said * max(1, SEGMENT // len(said)))
    newlines = crowd.dialect.takes_reads_for_lines
    counted = lines = offset = sent = 0
    writable = sender.sock.fileno()
    crowd.epoll.modify(writable, select.EPOLLIN | select.EPOLLOUT)

    def go_on(is_done: Callable[[float], bool]) -> None:
        nonlocal counted, lines, offset, sent
        while not is_done(time.perf_counter()) and sender.sock.fileno() >= 0:
            for descriptor, event in crowd.epoll.poll(0.1):
                member = crowd.by_fd[descriptor]
                if descriptor == writable and event & select.EPOLLOUT:
                    try:
                        size_sent = member.sock.send(segment[offset:])
                    except OSError:
                        size_sent = 0
                    sent += size_sent
                    offset = (offset + size_sent) % len(segment)
                if event & ~select.EPOLLOUT:
                    if newlines and member is not sender:
                        lines += crowd.read(member).count(b"\n")
                    else:
                        counted += crowd.count(member) * (member is not sender)

    if stalled is not None:
        latest = time.perf_counter() + FILL_SECONDS
        go_on(lambda now: now > latest or counted + lines * line > FILL * readers)
        counted = lines = sent = 0
    lost = crowd.lost
    clock = Clock(pid)
    end = clock.began + seconds
    go_on(lambda now: now > end + PATIENCE or (now >= end and bool(counted or lines)))
    took, cpu = clock.stop()
    delivered = lines if newlines else counted / line
    if not delivered or sender.sock.fileno() < 0:
        raise SystemExit("nothing arrived" if delivered == 0 else "the sender was dropped")
    return {
        "lines_per_second": delivered / took,
        "bytes_per_second": counted / took,
        "sent_per_second": sent / len(said) / took,
        "cpu_per_million": cpu / delivered * 1e6,
        "cpu_per_line_said": cpu / delivered * readers,
        **clock.shares(took, cpu),
        "line": line,
        "lost": crowd.lost - lost,
    }


def conversation(
    crowd: Crowd, pid: int, talkers: int, readers: int, size: int, seconds: float
) -> Figures:
    """Each talker says a line when the last one has come back; all others read."""
    audience = crowd.join(readers)
    chatting = dict.fromkeys(crowd.join(talkers), b"")
    line = length_of_a_line(crowd, crowd.members[-1], audience[0], size)
    sent_at: dict[Member, float] = {}
    echoes: list[float] = []
    counted = rounds = 0

    def say(member: Member) -> None:
        nonlocal rounds
        rounds += 1
        chatting[member] = tag = b"<%d:%d>" % (member.number, rounds)
        sent_at[member] = time.perf_counter()
        member.sock.send(crowd.dialect.say(text_of(size, tag)))

    clock = Clock(pid)
    end = clock.began + seconds
    for member in chatting:
        member.tail = b""
        say(member)
    while (now := time.perf_counter()) < end:
        for descriptor, _ in crowd.epoll.poll(0.1):
            member = crowd.by_fd[descriptor]
            if member not in chatting:
                counted += crowd.count(member)
                continue
            data = crowd.read(member)
            counted += len(data)
            member.tail = (member.tail + data)[-len(data) - 24 :]
            if chatting[member] in member.tail:
                now = time.perf_counter()
                echoes.append(now - sent_at[member])
                say(member)
    took, cpu = clock.stop()
    return {
        "lines_per_second": len(echoes) / took,
        "deliveries_per_second": counted / line / took,
        "cpu_per_line_said": cpu / len(echoes) if echoes else None,
        **clock.shares(took, cpu),
        "lost": crowd.lost,
        **percentiles(sorted(echoes)),
    }


def private(crowd: Crowd, pid: int, pairs: int, size: int, seconds: float) -> Figures:
    """Pairs who write to each other in turn, each when the other's line has come."""
    people = crowd.join(2 * pairs)
    names = {member: b"n%d" % member.number for member in people}
    for member in people:
        crowd.send_all(member, crowd.dialect.rename(names[member]))
    crowd.wait_for_something(people)
    crowd.settle()
    other = {a: b for one, two in zip(people[::2], people[1::2], strict=True)
             for a, b in ((one, two), (two, one))}  # fmt: skip
    said = {
        m: crowd.dialect.tell(names[other[m]], text_of(size, b"<%d>" % m.number)) for m in people
    }
    marks = {m: b"<%d>" % other[m].number for m in people}
    sent_at: dict[Member, float] = {}
    trips: list[float] = []

    clock = Clock(pid)
    end = clock.began + seconds
    for member in people[::2]:
        sent_at[member] = time.perf_counter()
        member.sock.send(said[member])
    while time.perf_counter() < end:
        for descriptor, _ in crowd.epoll.poll(0.1):
            member = crowd.by_fd[descriptor]
            if marks[member] in crowd.read(member):
                now = time.perf_counter()
                trips.append(now - sent_at[other[member]])
                sent_at[member] = now
                member.sock.send(said[member])
    took, cpu = clock.stop()
    return {
        "lines_per_second": len(trips) / took,
        **clock.shares(took, cpu),
        "lost": crowd.lost,
        **percentiles(sorted(trips)),
    }


def join_storm(crowd: Crowd, pid: int, count: int) -> Figures:
    """So many connect as fast as they can; until all are in, and until all know of all."""
    clock = Clock(pid)
    crowd.wait_until_in([crowd.connect() for _ in range(count)])
    inside, _ = clock.stop()
    crowd.settle()
    took, cpu = clock.stop()
    shares = clock.shares(took, cpu)
    return {"seconds_until_in": inside, "seconds": took, "lost": crowd.lost, **shares}


def idle(crowd: Crowd, pid: int, count: int) -> Figures:
    """So many connections that do nothing: the memory that each costs the server."""
    before = memory(pid)
    crowd.join(count)
    return {"bytes_per_connection": (memory(pid) - before) / count, "bytes_at_start": before}


def memory(pid: int) -> int:
    """Resident bytes of a process and its children."""
    root = psutil.Process(pid)
    return sum(process.memory_info().rss for process in (root, *root.children(recursive=True)))


def steady(crowd: Crowd, pid: int, readers: int, size: int, seconds: float, rate: float) -> Figures:
    """One says `rate` lines a second, evenly; how long every line takes to every reader.

    A line's time begins when it is due, whenever it can be sent: a server that lets the sender wait
    shall not be measured by fewer lines (Gil Tene's coordinated omission).
    """
    import numpy as np  # noqa: PLC0415 - the other loads start without it

    audience = crowd.join(readers)
    (sender,) = crowd.join(1)
    line = length_of_a_line(crowd, sender, audience[0], size)
    said = crowd.dialect.say(text_of(size))
    due, waiting = 0, b""
    arrivals: dict[Member, list[tuple[float, int]]] = {member: [] for member in audience}
    start = {member: member.got for member in audience}
    clock = Clock(pid)
    now = clock.began
    while now < clock.began + seconds + PATIENCE:
        until_now = int(min(now - clock.began, seconds) * rate)
        waiting += said * (until_now - due)
        due = until_now
        if waiting:
            with contextlib.suppress(BlockingIOError):
                waiting = waiting[sender.sock.send(waiting) :]
        for descriptor, _ in crowd.epoll.poll(TICK):
            member = crowd.by_fd[descriptor]
            crowd.count(member)
            if member in arrivals:
                arrivals[member].append((time.perf_counter(), member.got - start[member]))
        now = time.perf_counter()
        is_over = now > clock.began + seconds and not waiting
        if is_over and all(m.got - start[m] >= due * line for m in audience):
            break
    took, cpu = clock.stop()
    sent = clock.began + (np.arange(due) + 1) / rate
    delays = []
    for seen in arrivals.values():
        times, sizes = np.array([t for t, _ in seen]), np.array([s for _, s in seen])
        ends = (np.arange(len(sent)) + 1) * line
        places = np.searchsorted(sizes, ends)
        heard = places < len(sizes)
        delays.append((times[places[heard]] - sent[heard]).astype(np.float32))
    every = np.sort(np.concatenate(delays))
    return {
        "lines_per_second": len(sent) / seconds,
        "deliveries": len(every),
        "missing": len(sent) * readers - len(every),
        **clock.shares(took, cpu),
        **percentiles(every),
    }


def percentiles(ranked: Any) -> Figures:
    """p50, p99 and p99.9 of a list or an array that is sorted, in seconds; None of nothing."""

    def at(share: float) -> float | None:
        place = min(len(ranked) - 1, int(len(ranked) * share))
        return float(ranked[place]) if len(ranked) else None

    return {"p50": at(0.5), "p99": at(0.99), "p999": at(0.999)}


LOADS: dict[str, Callable[..., Figures]] = {
    "flood": flood,
    "conversation": conversation,
    "private": private,
    "join_storm": join_storm,
    "idle": idle,
    "steady": steady,
}


def main() -> None:
    """Do what the argument says, and print what was measured."""
    order = json.loads(sys.argv[1])
    load = LOADS[order.pop("do")]
    crowd = Crowd(order.pop("port"), DIALECTS[order.pop("dialect")], tls=order.pop("tls", False))
    try:
        figures = load(crowd, **order)
    finally:
        crowd.close()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
