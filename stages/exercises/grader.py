"""Grading an exercise with pytest: `pytest --nbval notebooks/exercises/05_who.ipynb`.

nbval alone is no grader: whoever runs a wrong answer and saves it has overwritten the outputs that
it compares with. So nbval only asks for notebooks, and here each task of one is a test: its answers
are run, by `running.py`, among the given cells of the solution. pytest finds this through the
`conftest.py` of the exercises, or is told with `-p stages.exercises.grader`.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import IPyNbFile

from stages.exercises import notebook, progress, told
from stages.exercises.calling import this_python
from stages.exercises.kernels import kernels_apart
from stages.exercises.progress import Result
from stages.exercises.running import Page

GRADED = pytest.StashKey[dict[Path, dict[str, Result]]]()
NOT_KEPT = pytest.StashKey[str]()


def pytest_configure() -> None:
    """Refuse to grade where the exercises are not; else nbval would only run the notebook."""
    if not notebook.names():
        raise pytest.UsageError(
            f"{notebook.ROOT}, where these stages are, has no exercises: grade in the folder of "
            "the course, with its own Python, .venv/bin/python"
        )


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


def is_notebook(found: Iterable[Any]) -> bool:
    """Whether nbval would take this file."""
    return any(isinstance(collector, IPyNbFile) for collector in found)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say at the end how each task went, and what to do next."""
    graded = config.stash.get(GRADED, {})
    for path, results in graded.items():
        terminalreporter.section(path.name)
        for task, result in results.items():
            terminalreporter.line(progress.line(task, result))
    if NOT_KEPT in config.stash:
        terminalreporter.line(config.stash[NOT_KEPT])
        del config.stash[NOT_KEPT]
    if graded:
        terminalreporter.line(f"What is next: {this_python()} -m stages progress")
        terminalreporter.reportchars = ""  # All is said; this ends the output.
        del config.stash[GRADED]  # Else told twice, where a conftest and `-p` both name us.


class Exercise(pytest.File):
    """An exercise notebook; `page` is it, joined to its solution."""

    page: Page | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.exercise = notebook.exercise_in(self.path)
        self.results: dict[str, Result] = {}

    def collect(self) -> Iterator["Task"]:
        """The tasks."""
        for task in notebook.tasks(notebook.reference(self.exercise)):
            yield Task.from_parent(self, name=task)

    def grade(self, task: str) -> Result:
        """Grade a task, and remember how it went."""
        try:
            if self.page is None:
                kernels_apart()
                seconds = self.config.option.nbval_cell_timeout
                learner = notebook.read(self.path)
                self.page = Page(learner, self.exercise, self.path.parent, seconds)
            result = self.page.grade(task)
        except Exception as error:  # A notebook that cannot be read, or a mistake of ours.
            result = told.result(told.not_graded(error))
        self.results[task] = result
        return result

    def teardown(self) -> None:
        """End the kernel, and keep how the tasks went."""
        if self.page is not None:
            self.page.close()
        self.config.stash.setdefault(GRADED, {})[self.path] = self.results
        try:
            progress.record(self.path.parent, self.exercise, self.results)
        except OSError as error:
            why = f"{progress.FILE} cannot be written: {error.strerror}"
            self.config.stash[NOT_KEPT] = f"This is not kept for `stages progress`: {why}"


class Task(pytest.Item):
    """A task, and what a learner reads if it is not solved."""

    parent: Exercise

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if self.config.pluginmanager.hasplugin("timeout"):
            self.add_marker(pytest.mark.timeout(0))  # Its cells have deadlines of their own.

    def runtest(self) -> None:
        """Grade it. Raises NotPassed."""
        result = self.parent.grade(self.name)
        if result.result != "solved":
            raise NotPassed(result.told)

    def repr_failure(self, excinfo: Any, style: Any = None) -> str:
        """What a learner reads."""
        if isinstance(excinfo.value, NotPassed):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int, str]:
        """What stands above it."""
        return self.path, 0, f"{self.path.name}: {self.name}"


class NotPassed(Exception):
    """A task did not pass; the message is what the learner reads."""
