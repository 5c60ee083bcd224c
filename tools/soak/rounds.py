"""A round: people come, talk through one fault, fall silent, and their history is checked."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import psutil
import redis

from im_final import phrases
from tools.soak import faults, workload
from tools.soak.checker import Costs, Violation, violations
from tools.soak.deck import Kind
from tools.soak.history import Record
from tools.soak.house import LEASE, becomes_true
from tools.soak.site import IDLE, NODES, Plan, Site
from tools.soak.talkers import Talker, Wrong, all_end_their_lines, all_read_all

AT_EACH = 2  # People at each node.
PAUSE = 0.05  # Seconds between an echo and the next line.
ACTIVE = 0.4  # Seconds between the empty lines that keep a person from being idle.
WITHIN = 15.0  # Seconds in which everyone says some lines and reads them.
SETTLED = 10.0  # Seconds until `who` names exactly the people who are there.
LIVENESS = "all goes on after the fault"
BURIALS = "no node that lives is taken for dead"


@dataclass
class Outcome:
    """The result of a round."""

    kind: str
    loop: str
    node: int
    detail: str = ""
    lines: int = 0
    seconds: float = 0.0
    stuck: str = ""  # The thing that never came back; the site is of no use any more.
    lag: float = 0.0  # The longest time in seconds that the soak itself stood still.
    violations: list[Violation] = field(default_factory=list)
    history: Sequence[Record] = ()

    @property
    def is_lame(self) -> bool:
        """True if the soak itself stood still for so long that nothing can be said about time.

        A node may be taken for dead then, and a user be idle.
        """
        return self.lag > LEASE / 4


class Lag:
    """A watch on the soak itself: `longest` is the longest time in seconds that it stood still.

    Its wires stood still at that time, too, and on a busy machine perhaps all its programs.
    """

    EVERY = 0.05  # Seconds.

    def __init__(self) -> None:
        self.longest = 0.0
        self.task = asyncio.create_task(self.watch())

    async def watch(self) -> None:
        """Sleep, and see how much too late it is."""
        while True:
            began = time.monotonic()
            await asyncio.sleep(self.EVERY)
            self.longest = max(self.longest, time.monotonic() - began - self.EVERY)


async def play(site: Site, kind: Kind) -> Outcome:
    """Make one fault of this kind; return the violations with all else that came of it."""
    began, lag = time.monotonic(), Lag()
    outcome = Outcome(kind.name, site.plan.loop, site.chance.randrange(NODES))
    site.detail, site.costs = "", Costs(idle=IDLE, forgets=kind.forgets and not site.plan.keeps)
    labels = [f"p{at}" for at in range(AT_EACH * len(site.nodes))]
    talkers = [site.talker(label) for label in labels]
    burials = await burials_at(site)
    try:
        await live_through(site, kind, outcome.node, talkers)
    except (Wrong, OSError, redis.RedisError, psutil.Error) as error:
        outcome.stuck = str(error) or "something never came back"
        site.costs.has_no_end = True
    outcome.history = [as_it_is(one) for one in talkers]
    outcome.detail, outcome.lag = site.detail.strip(), lag.longest
    outcome.lines = sum(len(one.lines) for one in outcome.history)
    if outcome.is_lame:
        site.costs.buried.update(labels)
    elif outcome.stuck:
        outcome.violations.append(Violation(LIVENESS, outcome.stuck))
    else:
        outcome.violations += await wrongly_buried(site, kind, outcome.node, burials)
    outcome.violations += await asyncio.to_thread(violations, outcome.history, site.costs)
    lag.task.cancel()
    await asyncio.gather(*[one.leaves() for one in talkers])
    site.people.clear()
    outcome.seconds = time.monotonic() - began
    return outcome


def no_start(plan: Plan) -> Outcome:
    """The result of a site that does not start."""
    wrong = Violation(LIVENESS, "the nodes are not in the room in time")
    return Outcome("start", plan.loop, 0, stuck=wrong.text, violations=[wrong])


async def live_through(site: Site, kind: Kind, number: int, talkers: Sequence[Talker]) -> None:
    """People come, talk through the fault, and say goodbye. Raises Wrong, and TimeoutError."""
    labels = [one.label for one in talkers]
    for at, talker in enumerate(talkers):
        talker.node = at % len(site.nodes)
        await talker.comes(site.nodes[talker.node].port)
        talker.says(f"rename|{talker.label}")
        await talker.reads(phrases.RENAMED.format(old=talker.addr, new=talker.label))
    if kind.buries:
        site.costs.buried.update(one.label for one in site.people_at(number))
    for at, talker in enumerate(talkers):
        talker.begins_to_talk(workload.commands(labels, at), pause=PAUSE, active=ACTIVE)
    await all_say(talkers, site.chance.randrange(3, 15))
    await kind.make(site, number)
    await faults.all_is_well(site)
    await all_say(talkers, site.chance.randrange(3, 15))
    await all_end_their_lines(talkers)
    await all_are_listed(talkers)
    await all_read_all(talkers)


async def all_say(talkers: Sequence[Talker], more: int) -> None:
    """Everyone who is here says and reads at least `more` lines. Raises TimeoutError."""
    due = {one: one.said + more + 1 for one in talkers}
    await becomes_true(lambda: all(one.is_gone or one.said >= due[one] for one in talkers), WITHIN)


async def all_are_listed(talkers: Sequence[Talker]) -> None:
    """Everyone asks `who`, until each answer names exactly the people here. Raises Wrong."""
    here = [one for one in talkers if not one.is_gone]
    end = time.monotonic() + SETTLED
    while True:
        async with asyncio.timeout(SETTLED):
            await asyncio.gather(*[one.take_turn("who") for one in here])
        due = sorted(one.name() for one in here)
        wrong = next((one for one in here if sorted(one.listing()) != due), None)
        if wrong is None:
            return
        if time.monotonic() > end:
            raise Wrong(f"{wrong.label} reads that {wrong.listing()} are online, not {due}")
        await asyncio.sleep(0.1)


async def burials_at(site: Site) -> list[tuple[int, int]]:
    """Of each node, which process it is, and how often that was taken for dead."""
    counts = await asyncio.gather(*[asyncio.to_thread(node.burials) for node in site.nodes])
    pids = [node.process.pid if node.process else 0 for node in site.nodes]
    return list(zip(pids, counts, strict=True))


async def wrongly_buried(
    site: Site, kind: Kind, number: int, before: Sequence[tuple[int, int]]
) -> list[Violation]:
    """Nodes that were taken for dead in this round, and were alive."""
    found = []
    now = await burials_at(site)
    for at, ((old_pid, old), (pid, count)) in enumerate(zip(before, now, strict=True)):
        more = count - old if pid == old_pid else count
        if more > (kind.buries and at == number):
            found.append(Violation(BURIALS, f"node {at}: {more} times"))
    return found


def as_it_is(talker: Talker) -> Record:
    """The history of a talker up to now, before they hang up."""
    copy = Record(talker.label, talker.node)
    copy.addr, copy.is_gone = talker.addr, talker.is_gone
    copy.lines, copy.times, copy.sent = [*talker.lines], [*talker.times], [*talker.sent]
    return copy
