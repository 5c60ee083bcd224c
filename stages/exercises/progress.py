"""What has been solved, in a plain file beside the exercises: `progress.json`.

It is written when an exercise is graded, and has for each task how that went: `solved`,
`not solved yet`, `not right yet` or `not graded`, and what was told.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from stages.exercises import notebook
from stages.exercises.calling import named

FILE = "progress.json"


@dataclass(frozen=True)
class Result:
    """How a task went."""

    result: Literal["solved", "not solved yet", "not right yet", "not graded"]
    told: str = ""

    def in_a_line(self) -> str:
        """The first line of what was told, which says what is wrong."""
        return self.told.partition("\n")[0]


Results = dict[str, dict[str, Result]]  # By exercise, then by task.


def load(folder: Path) -> Results:
    """What has been graded so far; nothing if there is no such file, or it cannot be read."""
    try:
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return {
            name: {task: Result(**result) for task, result in results.items()}
            for name, results in kept.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def save(folder: Path, results: Results) -> None:
    """Write the file, in the order of the exercises."""
    plain = {
        name: {task: asdict(result) for task, result in by_task.items()}
        for name, by_task in sorted(results.items())
    }
    text = json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
    (folder / FILE).write_text(text, encoding="utf-8", errors="backslashreplace")


def record(folder: Path, name: str, graded: Mapping[str, Result]) -> None:
    """Keep how an exercise went; of tasks that were not run, what was known before."""
    results = load(folder)
    results[name] = results.get(name, {}) | dict(graded)
    save(folder, results)


def forget(folder: Path, name: str) -> None:
    """An exercise begins anew."""
    results = load(folder)
    if results.pop(name, None) is not None:
        save(folder, results)


def unsolved(folder: Path, name: str) -> list[str]:
    """The tasks of an exercise that are not solved."""
    results = load(folder).get(name, {})
    return [task for task in notebook.tasks(notebook.reference(name)) if not solved(results, task)]


def solved(results: Mapping[str, Result], task: str) -> bool:
    """Whether a task is solved."""
    return task in results and results[task].result == "solved"


def overview(folder: Path, python: str) -> str:
    """What is solved, what is next, and the command that grades it; `python` is how to call it."""
    kept = load(folder)
    rows = []
    following = ""
    count = total = 0
    for name in notebook.names():
        results = kept.get(name, {})
        rows.append(f"  {name}")
        for task in notebook.tasks(notebook.reference(name)):
            total += 1
            count += solved(results, task)
            rows.append(f"      {line(task, results.get(task))}")
            if not following and not solved(results, task):
                path = named(folder / f"{name}.ipynb")
                following = f"Next: {task}, in {path}. To grade it:\n" + (
                    f"  {python} -m pytest --nbval {path}"
                )
    rows.insert(0, f"{count} of {total} tasks are solved.\n")
    return "\n".join([*rows, "", following or "All is solved. You have written a chat server."])


def line(task: str, result: Result | None) -> str:
    """A task in the overview."""
    if result is None:
        return f"– {task}"
    if result.result == "solved":
        return f"✓ {task}"
    return f"✗ {task:<12}{result.in_a_line()}"
