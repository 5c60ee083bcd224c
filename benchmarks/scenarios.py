"""What is done to the contenders: each scenario is a list of cases, each case one load.

The letters are those of the report. A message has 64 bytes unless a case says otherwise.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks.contenders import Contender
from benchmarks.dialects import DIALECTS

SIZE = 64  # Bytes of a message.
STEADY_READERS = 100
WORDS = {"size": "bytes"}
EVERYBODY = ("im_final", "im_final, uvloop", "stage 8", "tutorial (Go)", "redis", "nats-server",
             "ngircd", "limit")  # fmt: skip
CHATS = ("im_final", "im_final, uvloop", "stage 8", "tutorial (Go)", "redis", "nats-server")
OURS = ("im_final", "im_final, uvloop")
OURS_AND_GO = (*OURS, "stage 8", "tutorial (Go)")
TLS = ("im_final, TLS", "im_final, uvloop, TLS")


@dataclass(frozen=True, eq=False)
class Case:
    """One load: what `load.py` is told, and the figure that counts."""

    scenario: str
    name: str
    order: dict[str, Any]
    figure: str
    unit: str
    seconds: float  # That it takes, about, with the start of the server.
    who: tuple[str, ...]
    less_is_better: bool = False
    share: float = 0.0  # Of the contender's own maximum; sets the `rate` of a steady load.


@dataclass(frozen=True)
class Scenario:
    """A letter, a title, a sentence, and its cases; `grows` is what is more from case to case."""

    name: str
    title: str
    about: str
    cases: list[Case] = field(default_factory=list)
    grows: str = ""

    @property
    def picture(self) -> str:
        """The name of the file with its plot."""
        return f"{self.name.replace(' ', '-')}.svg"


def load(name: str, do: str, who: tuple[str, ...], seconds: float, **order: Any) -> Case:
    """A case whose figure is lines a second, for so many readers."""
    return Case(
        name,
        case_name(order),
        {"do": do, "size": SIZE, "seconds": seconds, **order},
        "lines_per_second",
        "lines/s",
        seconds + order["readers"] / 1000 + 0.6,
        who,
    )


def case_name(order: dict[str, Any]) -> str:
    """The numbers of a case, in words: `20 talkers, 100 readers`."""
    return ", ".join(
        f"{value:,} {word.removesuffix('s') if value == 1 else word}"
        for name, value in order.items()
        for word in [WORDS.get(name, name)]
    )


def make(seconds: float) -> list[Scenario]:
    """All scenarios; each measurement takes so long."""
    return [
        Scenario(
            "flood",
            "a. Flood",
            "One sends as fast as it may, everyone else reads.",
            [load("flood", "flood", EVERYBODY, seconds, readers=n) for n in (10, 100, 1000, 5000)],
            grows="readers",
        ),
        Scenario(
            "conversation",
            "b. Conversation",
            "Each talker says a line when the last one has come back; everyone else reads. The "
            "times are those of the talkers, from saying a line to reading it. (im_final writes to "
            "whoever has spoken before it writes to the others.)",
            [
                load(
                    "conversation", "conversation", CHATS, seconds, talkers=talkers, readers=readers
                )
                for readers in (100, 1000)
                for talkers in (1, 20, 200)
            ],
            grows="talkers",
        ),
        Scenario(
            "steady",
            "c. Steady load",
            f"One says lines evenly, to {STEADY_READERS} readers, at a share of what the same "
            "server delivered in a flood just before; how long each line takes to each reader, "
            "from when it was due.",
            [
                Case(
                    "steady",
                    f"{share:.0%}",
                    {"do": "steady", "readers": STEADY_READERS, "size": SIZE, "seconds": seconds},
                    "p99",
                    "s",
                    2 * seconds + 3,
                    ("im_final", "im_final, uvloop", "stage 8", "redis", "nats-server"),
                    less_is_better=True,
                    share=share,
                )
                for share in (0.25, 0.5, 0.75)
            ],
        ),
        Scenario(
            "private",
            "d. Private lines",
            "Pairs write to each other in turn.",
            [
                Case(
                    "private",
                    "500 pairs",
                    {"do": "private", "pairs": 500, "size": SIZE, "seconds": seconds},
                    "lines_per_second",
                    "lines/s",
                    seconds + 2,
                    CHATS,
                )
            ],
        ),
        Scenario(
            "join storm",
            "e. Join storm",
            "So many connect as fast as they can, until all have read of all who came after them.",
            [
                Case(
                    "join storm",
                    f"{count:,} at once",
                    {"do": "join_storm", "count": count},
                    "seconds",
                    "s",
                    count / 1000 + 1,
                    OURS_AND_GO if count <= 1000 else ("im_final", "im_final, uvloop"),  # noqa: PLR2004
                    less_is_better=True,
                )
                for count, who in ((1000, OURS_AND_GO), (5000, OURS))
            ],
        ),
        Scenario(
            "idle",
            "f. Idle memory",
            "What a connection costs that has done nothing but read who came after it (resident "
            "memory of the server, when all are in).",
            [
                Case(
                    "idle",
                    f"{count:,} connections",
                    {"do": "idle", "count": count},
                    "bytes_per_connection",
                    "bytes",
                    count / 1000 + 1,
                    who,
                    less_is_better=True,
                )
                for count, who in ((1000, CHATS), (10_000, (*OURS, "redis", "nats-server")))
            ],
        ),
        Scenario(
            "stalled",
            "g. Stalled readers",
            "The flood to 100 readers, while others are connected and read nothing; measured from "
            "when the system keeps no more for these.",
            [
                load(
                    "stalled",
                    "flood",
                    (*OURS_AND_GO, "redis", "nats-server"),
                    seconds,
                    readers=100,
                    stalled=stalled,
                )
                for stalled in (0, 1, 10)
            ],
        ),
        Scenario(
            "tls",
            "h. TLS",
            "The flood and the conversation, encrypted.",
            [
                *[load("tls", "flood", TLS, seconds, readers=n) for n in (10, 100)],
                load("tls", "conversation", TLS, seconds, talkers=20, readers=100),
            ],
        ),
        Scenario(
            "size",
            "i. Sizes of messages",
            "The flood to 100 readers.",
            [
                load("size", "flood", EVERYBODY, seconds, readers=100, size=n)
                for n in (16, 256, 1024, 4000)
            ],
            grows="size",
        ),
    ]


def suits(case: Case, contender: Contender) -> bool:
    """Whether a contender takes part in a case. Guests from `--peer` take part in all but TLS."""
    dialect = DIALECTS[contender.dialect]
    if case.order.get("size", 0) > dialect.longest:
        return False
    if contender.name in (*EVERYBODY, *TLS):
        return contender.name in case.who
    return case.scenario != "tls" and (case.order["do"] != "private" or dialect.has_private_lines)


def chosen(scenarios: Iterable[Scenario], only: Iterable[str]) -> Iterator[Scenario]:
    """Those that were asked for; all if none was. Raises ValueError for a name there is not."""
    wanted = list(only)
    by_name = {scenario.name: scenario for scenario in scenarios}
    for name in wanted:
        if name not in by_name:
            raise ValueError(f"there is no scenario {name}; there are {', '.join(by_name)}")
    return (one for name, one in by_name.items() if not wanted or name in wanted)
