"""The report that a person reads: a line for each round, and two tables in the end."""

import json
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.soak.rounds import Outcome

WIDTH = 120
SHOWN = 3  # Violations of a round that are shown at once; a file has them all.


class Report:
    """All rounds so far. With a `folder`, the history of each wrong one is kept there."""

    def __init__(self, console: Console | None = None, folder: Path | None = None) -> None:
        self.console = console or Console(width=WIDTH, highlight=False)
        self.folder = folder
        self.outcomes: list[Outcome] = []

    @property
    def is_clean(self) -> bool:
        """True if every promise was kept in every round, of which there was one at least."""
        return bool(self.outcomes) and not any(one.violations for one in self.outcomes)

    def say(self, text: str) -> None:
        """Show a line as it is."""
        self.console.print(text, markup=False, soft_wrap=True)

    def add(self, outcome: Outcome, logs: str = "") -> None:
        """Show a round, and keep it."""
        self.outcomes.append(outcome)
        late = f" (this soak stood still for {outcome.lag:.1f} s)" if outcome.is_lame else ""
        self.say(
            f"{len(self.outcomes):4} {outcome.loop:8} {outcome.kind:20} node {outcome.node} "
            f"{outcome.lines:6} lines {outcome.seconds:5.1f} s  {outcome.detail}{late}".rstrip()
        )
        for one in outcome.violations[:SHOWN]:
            self.say(f"     ! {one.promise}: {one.text}")
        if len(outcome.violations) > SHOWN:
            self.say(f"     ! and {len(outcome.violations) - SHOWN} more")
        if outcome.violations and self.folder:
            self.keep(self.folder, outcome, logs)

    def keep(self, folder: Path, outcome: Outcome, logs: str) -> None:
        """Write the history of a round, and the logs of the nodes."""
        name = f"{len(self.outcomes):04}-{outcome.loop}-{outcome.kind}"
        folder.mkdir(parents=True, exist_ok=True)
        wrong = [f"{one.promise}: {one.text}" for one in outcome.violations]
        found = {
            "kind": outcome.kind, "loop": outcome.loop, "node": outcome.node,
            "detail": outcome.detail, "violations": wrong,
            "history": [one.as_json() for one in outcome.history],
        }  # fmt: skip
        text = json.dumps(found, ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
        (folder / f"{name}.log").write_text(logs, encoding="utf-8")

    def end(self, seed: int) -> None:
        """Show the tables: faults, and the promises that were broken."""
        self.console.print(self.faults())
        broken = Counter(wrong.promise for one in self.outcomes for wrong in one.violations)
        if broken:
            table = Table("promise that was not kept", "violations", title="Violations")
            for promise, count in broken.most_common():
                table.add_row(promise, str(count))
            self.console.print(table)
        else:
            self.say("all was kept" if self.is_clean else "no round was made")
        self.say(f"--seed {seed}")

    def faults(self) -> Table:
        """The number of rounds with each kind of fault, and of those with violations."""
        loops = sorted({one.loop for one in self.outcomes})
        table = Table(title="Rounds for each fault")
        for heading in ("fault", *[f"on {loop}" for loop in loops]):
            table.add_column(heading)
        for heading in ("lines read", "longest", "stood still", "with violations"):
            table.add_column(heading, justify="right")
        for kind in sorted({one.kind for one in self.outcomes}):
            rounds = [one for one in self.outcomes if one.kind == kind]
            wrong = sum(bool(one.violations) for one in rounds)
            table.add_row(
                kind,
                *[str(sum(one.loop == loop for one in rounds)) for loop in loops],
                str(sum(one.lines for one in rounds)),
                f"{max(one.seconds for one in rounds):.1f} s",
                str(sum(one.is_lame for one in rounds) or "-"),
                str(wrong or "-"),
                style="bold red" if wrong else "",
            )
        return table
