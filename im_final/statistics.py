"""What the server counts, and what it says about itself when asked (`statistics()`)."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    """Counted since the start."""

    lines_in: int = 0
    bytes_in: int = 0
    directs: int = 0  # Answers and private lines.
    bytes_out: int = 0
    departures: Counter[str] = field(default_factory=Counter)  # By reason, see `connection.py`.
    refusals: Counter[str] = field(default_factory=Counter)  # By reason, see `server.py`.


@dataclass(frozen=True)
class ConnectionStatistics:
    """One connection at this moment."""

    addr: str
    name: str | None  # None for one who has not given the password yet, or has left.
    owed: int  # Bytes from others that wait here, outside of the system's buffers.
    answers: int  # Bytes of answers to own commands that wait.
    is_blocked: bool  # The system takes no more for it now.
    is_held: bool  # It is not listened to now: its answers wait, or its pace is limited.
    idle_seconds: float


@dataclass(frozen=True)
class LinkStatistics:
    """The link to the other nodes at this moment."""

    state: str  # "up", "away" (the room cannot be reached), or "entering".
    entries_behind: int  # Of the room's stream, that this node has not read yet.
    round_trip: float  # Seconds that the last batch took.
    operations_waiting: int  # Lines and commands that have not been sent.
    bytes_held: int  # Their cost, and that of those on the way.
    nodes: int  # With a lease.
    sessions: int  # How often it came into the room of all.
    burials: int  # How often this node was taken for dead.


@dataclass(frozen=True)
class Statistics:
    """A server at this moment, and what it has counted since the start."""

    users: int
    connections: int
    counts: Counts
    backlogs: list[int]  # Bytes owed, by connection.
    log_bytes: int  # Said since the start; the position at the end of the log.
    log_lines: int
    deliveries: int  # Lines of the log, times those who were to read them.
    turns: list[int]  # How many took how long, by `fanout.TURN_SECONDS`.
    turn_seconds: float
    link: LinkStatistics | None = None
