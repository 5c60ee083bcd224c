"""Grading an exercise with nbval: `pytest --nbval notebooks/exercises/05_who.ipynb`.

nbval alone is no grader: whoever runs a wrong answer and saves it has overwritten the outputs that
it compares with. So only the answers are taken from the learner's notebook, and all else, outputs
included, from the solution (`notebook.joined`). pytest finds this through the `conftest.py` of the
exercises, or is told with `-p stages.exercises.grader`.
"""

import json
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from stages.exercises import notebook, progress, told
from stages.exercises.calling import this_python
from stages.exercises.kernels import kernels_apart
from stages.exercises.notebook import Step
from stages.exercises.progress import Result

OWN_AFFAIR = ("stdout", "stderr", "text/html", "image/svg+xml")  # Prints cost no grade.
GRADED = pytest.StashKey[dict[Path, dict[str, Result]]]()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave notebooks alone that are no exercise, and all when they were not asked for.

    A run of all tests does not ask for them: unsolved, they fail.
    """
    if collection_path.suffix != ".ipynb":
        return None
    named = {Path(word.partition("::")[0]).resolve() for word in config.args}
    if collection_path in named:
        return not notebook.exercise_in(collection_path) or None
    is_exercise = collection_path.stem in notebook.names()
    return None if is_exercise and collection_path.parent in named else True


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, Sequence[pytest.Collector], Sequence[pytest.Collector]]:
    """Grade a notebook instead of only running it."""
    found = yield
    return [Exercise.from_parent(parent, path=file_path)] if is_notebook(found) else found


def pytest_collection_finish(session: pytest.Session) -> None:
    """Run tasks as a whole: one cell alone, as `-k` or `--lf` may choose it, tells nothing."""
    tasks: dict[Exercise, set[str]] = {}
    for cell in session.items:
        if isinstance(cell, GradedCell):
            tasks.setdefault(cell.parent, {""}).add(cell.step.task)
    others = [item for item in session.items if not isinstance(item, GradedCell)]
    whole = [cell for page in tasks for cell in page.cells if cell.step.task in tasks[page]]
    session.items[:] = [*others, *whole]


def is_notebook(found: Iterable[Any]) -> bool:
    """Whether nbval would take this file."""
    return any(isinstance(collector, IPyNbFile) for collector in found)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say at the end how each task went, and what to do next."""
    for path, results in config.stash.get(GRADED, {}).items():
        terminalreporter.section(path.name)
        for task, result in results.items():
            terminalreporter.line(progress.line(task, result))
    if GRADED in config.stash:
        terminalreporter.line(f"What is next: {this_python()} -m stages progress")
        terminalreporter.reportchars = ""  # All is said; this ends the output.


class Exercise(IPyNbFile):  # type: ignore[misc]
    """An exercise notebook, joined to its solution."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.skip_compare += OWN_AFFAIR
        self.exercise = notebook.exercise_in(self.path)
        self.steps: list[Step] = []
        self.cells: list[GradedCell] = []
        self.changed: list[str] = []  # What the learner has made of given cells.
        self.passed: dict[str, int] = defaultdict(int)
        self.failed: dict[str, str] = {}  # What was told first, by task.
        self.waits_for = ""  # A task whose other cells need not run.

    def collect(self) -> Iterator["GradedCell | Broken"]:
        """The cells to run."""
        solution = notebook.reference(self.exercise)
        try:
            learner = notebook.read(self.path)
            self.steps = notebook.joined(learner, solution)
            self.changed = notebook.changed(learner, solution)
        except notebook.Unreadable as error:
            self.failed = dict.fromkeys(notebook.tasks(solution), str(error))
            yield Broken.from_parent(self, name="notebook", why=str(error))
            return
        cells = [{**step.cell, "id": f"c{number}"} for number, step in enumerate(self.steps)]
        self.nb = nbformat.reads(json.dumps({**solution, "cells": cells}), as_version=4)
        for number, (step, cell) in enumerate(zip(self.steps, self.nb.cells, strict=True)):
            graded = GradedCell.from_parent(
                self,
                name=f"{step.task or 'first'} ({step.whose} {number})",
                cell_num=number,
                cell=cell,
                options=defaultdict(
                    bool, check=step.whose == "given", check_exception=step.whose == "added"
                ),
                step=step,
            )
            self.cells.append(graded)
            yield graded

    def setup(self) -> None:
        """Start the kernel."""
        kernels_apart()
        try:
            super().setup()
        except Exception as error:
            for task in {step.task for step in self.steps} - {""}:
                self.failed.setdefault(task, told.no_kernel(error))
            raise

    def teardown(self) -> None:
        """End the kernel, and keep how the tasks went."""
        super().teardown()
        results = {}
        for task in notebook.tasks(notebook.reference(self.exercise)):
            planned = sum(step.task == task for step in self.steps)
            if planned and self.passed[task] == planned:
                results[task] = Result("solved")
            elif task in self.failed:
                results[task] = told.result(self.failed[task])
        progress.record(self.path.parent, self.exercise, results)
        self.config.stash.setdefault(GRADED, {})[self.path] = results

    def begin(self) -> None:
        """A task does not suffer from the one before, not even from one that hung."""
        self.waits_for = ""
        if not self.kernel.is_alive():
            self.setup()
            for step, cell in zip(self.steps, self.nb.cells, strict=True):
                if not step.task:
                    self.kernel.execute_cell_input(cell.source, allow_stdin=False)


class GradedCell(IPyNbCell):  # type: ignore[misc]
    """One cell, and what a learner reads when it fails."""

    def __init__(self, *, step: Step, **options: Any) -> None:
        super().__init__(**options)
        self.step = step
        self.comparison_traceback: list[str] = []

    def setup(self) -> None:
        """Begin a task; skip what is of no use any more."""
        before = self.parent.steps[self.cell_num - 1].task if self.cell_num else ""
        if self.step.task != before:
            self.parent.begin()
        if self.step.task and self.parent.waits_for == self.step.task:
            pytest.skip(f"waits for {self.step.task}")

    def runtest(self) -> None:
        """Run the cell. Raises NotPassed, or what went wrong with the grading itself."""
        task = self.step.task
        try:
            self.run_it()
        except (Exception, pytest.fail.Exception) as failure:  # The second: a time limit of pytest.
            self.parent.failed.setdefault(task, str(failure))
            self.parent.waits_for = task
            raise
        self.parent.passed[task] += 1

    def run_it(self) -> None:
        """Run the cell, and say what is wrong with it. Raises NotPassed."""
        task = self.step.task
        self.parent.timed_out = False
        if self.step.whose == "missing":
            raise NotPassed(told.missing(self.parent.exercise, task))
        if self.step.whose == "answer" and notebook.is_unsolved(self.step.cell):
            raise NotPassed(told.not_solved(task))
        try:
            super().runtest()
        except NbCellError:
            got = self.test_outputs or []
            if self.parent.timed_out:
                seconds = self.config.option.nbval_cell_timeout
                raise NotPassed(told.no_end(seconds, got)) from None
            text = told.difference(self.cell.source, self.step.promise, self.cell.outputs, got)
            raise NotPassed(told.with_lost_changes(text, self.parent.changed)) from None

    def repr_failure(self, excinfo: Any) -> str:
        """What a learner reads."""
        if isinstance(excinfo.value, NotPassed):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """What stands above it."""
        return self.path, 0, f"{self.path.name}: {self.name}"


class Broken(pytest.Item):
    """A notebook that cannot be read."""

    def __init__(self, *, why: str, **options: Any) -> None:
        super().__init__(**options)
        self.why = why

    def runtest(self) -> None:
        """Say so. Raises NotPassed."""
        raise NotPassed(self.why)

    def repr_failure(self, excinfo: Any, style: Any = None) -> str:  # noqa: ARG002
        """What a learner reads."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int, str]:
        """What stands above it."""
        return self.path, 0, self.path.name


class NotPassed(Exception):
    """A cell did not pass; the message is what the learner reads."""
