"""A house for the soak: on one event loop, with a clock, a crew and taps, or with Sentinels."""

import asyncio
import contextlib
import random
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tools.soak import clock
from tools.soak.checker import Costs
from tools.soak.clock import Clock
from tools.soak.crew import Crew
from tools.soak.house import House, Node, Proxy, Store, running
from tools.soak.sentinels import Trio
from tools.soak.talkers import Talker
from tools.soak.tap import Tap

IDLE = 3.0  # Seconds of the servers' idle limit: less than a fault may take.
NODES = 3


@dataclass(frozen=True)
class Plan:
    """The parts of a site. Its `seed` decides on everything that is left to chance."""

    loop: str
    seed: str
    keeps: bool = False
    has_sentinels: bool = False


class Site(House):
    """A house in which every fault of the soak can be made.

    A fault writes its choices into `detail`, and the people that it cuts off into `costs`.
    """

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.plan = plan
        self.clock = None if clock.why_not() or plan.has_sentinels else Clock(folder)
        store = Store(folder, keeps=plan.keeps, clock=self.clock)
        self.trio = Trio(folder) if plan.has_sentinels else None
        options = ["--loop", plan.loop, "--idle-timeout", str(IDLE)]
        backplane = self.trio.url if self.trio else ""
        proxies = [Proxy(store.port) for _ in range(NODES + 1)]
        nodes = [Node(at, proxies[at], folder, options, backplane) for at in range(NODES)]
        self.crew = None if self.trio else Crew(NODES, proxies[NODES], folder, options)
        super().__init__(folder, store, [*nodes, *([self.crew] if self.crew else [])])
        for node in self.nodes:
            node.tap = Tap(node.log)
        self.chance = random.Random(plan.seed)  # noqa: S311 - no secret
        self.detail = ""
        self.costs = Costs(idle=IDLE)

    async def start(self) -> None:
        """Start all, Redis first."""
        if self.trio:
            await asyncio.to_thread(self.trio.start)
            await asyncio.gather(*[node.start() for node in self.nodes])
        else:
            await super().start()

    async def stop(self) -> None:
        """End all that runs."""
        for node in self.nodes:
            if node.tap:
                node.tap.flows.set()
        await super().stop()
        if self.trio:
            self.trio.stop()

    def people_at(self, number: int) -> list[Talker]:
        """The people at this node."""
        return [one for one in self.people if one.node == number]

    def ends(self, people: list[Talker]) -> None:
        """Note that the node of these people dies: they are cut off, and leave."""
        self.costs.buried.update(one.label for one in people)
        self.costs.cut.update(one.label for one in people)

    @contextlib.asynccontextmanager
    async def hush(self) -> AsyncIterator[None]:
        """Nobody talks: then a node says nothing to Redis but its heartbeat."""
        for one in self.people:
            one.may_talk.clear()
        await asyncio.sleep(0.2)
        try:
            yield
        finally:
            for one in self.people:
                one.may_talk.set()


@contextlib.asynccontextmanager
async def site(plan: Plan) -> AsyncIterator[Site]:
    """A site that runs; it is taken down at the end."""
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        built = await asyncio.to_thread(Site, Path(folder), plan)
        async with running(built):
            yield built
