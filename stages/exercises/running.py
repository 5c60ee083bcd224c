"""A page, graded task by task, each in a kernel that is alive and that no other task has harmed.

A task is run as on the page, after those before it. If it fails there, that may be the fault of
another: so it is run once more by itself, in a new kernel, and this counts.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from stages.exercises import notebook, own_names, told
from stages.exercises.kernels import Kernel
from stages.exercises.notebook import Notebook, Step
from stages.exercises.progress import Result

CELL = 30.0  # Seconds that a cell may take.
DEFINING = 5.0  # Seconds for what the cells of other tasks define.


class Page:
    """A learner's page of an exercise; its kernel works in `folder`, and is ended by `close`."""

    def __init__(self, learner: Notebook, exercise: str, folder: Path, cell: float = CELL) -> None:
        solution = notebook.reference(exercise)
        self.exercise = exercise
        self.folder = folder
        self.cell = cell
        self.tasks = notebook.tasks(solution)
        self.steps = notebook.joined(learner, solution)
        self.changed = notebook.changed(learner, solution)
        self.names = own_names.taken(self.steps)
        self.harmful: list[Step] = []  # Cells that learners added, and that end the kernel.
        self.kernel: Kernel | None = None
        self.is_killed = False
        self.is_new = True  # Whether no task has run in the kernel.

    def grade(self, task: str) -> Result:
        """How a task went. What goes wrong with the grading itself is told as such."""
        try:
            text = self._found_wrong(task)
        except Exception as error:  # Whatever it is: it is not the learner's mistake.
            self.close()
            text = told.not_graded(error)
        return told.result(text) if text else Result("solved")

    def close(self) -> None:
        """End the kernel."""
        if self.kernel is not None:
            self.kernel.stop()
        self.kernel, self.is_new = None, True

    def kill(self) -> None:
        """End the kernel from another thread, whatever runs in it."""
        self.is_killed = True
        if self.kernel is not None:
            self.kernel.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _found_wrong(self, task: str) -> str:
        """What is told of a task that is not solved, or ""."""
        steps = [step for step in self.steps if step.task == task]
        for step in steps:
            if step.whose == "missing":
                return told.missing(self.exercise, task)
            if step.whose == "answer" and notebook.is_unsolved(step.cell, task):
                return told.not_solved(task)
        if not self.is_new:
            if not self._attempt(steps):
                return ""
            self.close()
        text = self._attempt(steps)
        before = self.steps[: self.steps.index(steps[0])]
        if told.NAME.search(text) and (definitions := own_names.definitions(before)):
            self.close()
            text = self._attempt(steps, definitions)
        return text

    def _attempt(self, steps: Sequence[Step], definitions: Sequence[str] = ()) -> str:
        """Run a task, after what other tasks define; what is told of it, or ""."""
        kernel = self._ready(definitions)
        self.is_new = False
        for step in steps:
            if step in self.harmful:
                continue
            ran = kernel.run(self._source(step), self.cell)
            if step.whose == "added":  # Experiments cost nothing.
                if kernel.is_alive():
                    continue
                self.harmful.append(step)
                self.close()
                return self._attempt(steps, definitions)
            if text := told.of(step, ran, self.cell):
                if not kernel.is_alive():
                    self.close()
                return told.with_lost_changes(text, self.changed)
        return ""

    def _ready(self, definitions: Sequence[str]) -> Kernel:
        """A kernel that is alive, in which the first cells of the page have run."""
        if self.kernel is None or not self.kernel.is_alive():
            self.close()
            if self.is_killed:
                raise RuntimeError("it was stopped")
            self.kernel = Kernel(self.folder, notebook.ROOT)
            self.begin(self.kernel)
            for source in definitions:
                self.kernel.run(source, DEFINING)
        return self.kernel

    def begin(self, kernel: Kernel) -> None:
        """Run the first cells. Raises RuntimeError."""
        self.kernel = kernel
        first = [notebook.source(step.cell) for step in self.steps if not step.task]
        for source in (*first, own_names.kept(self.names)):
            ran = kernel.run(source, self.cell)
            if ran.ended != "done" or ran.error:
                raise RuntimeError(f"the first cells of the page fail: {ran}")

    def _source(self, step: Step) -> str:
        """What is run for a step."""
        source = notebook.source(step.cell)
        return own_names.apart(source, self.names) if step.whose == "given" else source


def grade(learner: Notebook, exercise: str, folder: Path) -> dict[str, Result]:
    """How each task of a page went."""
    with Page(learner, exercise, folder) as page:
        return {task: page.grade(task) for task in page.tasks}
