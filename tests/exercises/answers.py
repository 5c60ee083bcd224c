"""Answers to the tasks, right ones and wrong ones, and how they are graded by the hundred.

    python -m tests.exercises.answers [--right N] [--wrong N] [--load N] [--told] [EXERCISE ...]

A right answer is a file `right/EXERCISE/TASK_STYLE.py`, a wrong one `wrong/EXERCISE/TASK_WHAT.py`.
Two lines stand above a wrong one: what a learner must be told of it, and which promise of the task
it breaks, by its name in `notebooks/solutions/sources/EXERCISE.toml`, where all promises are.

Each right answer is graded N times, and has to be solved each time; each wrong one N times, and has
to be told the same each time. With --load, so many processes keep this machine busy meanwhile. With
--told nothing is counted: what is told of each wrong answer is written into its file.
"""

import argparse
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from stages.exercises import notebook
from stages.exercises.kernels import Kernel, kernels_apart, loop_of_this_thread
from stages.exercises.progress import Result
from stages.exercises.running import CELL, Page

HERE = Path(__file__).parent
PROMISES = notebook.SOLUTIONS / "sources"
AT_ONCE = 4  # Kernels; most of their time is waiting.
TOLD = "# told: "
BREAKS = "# breaks: "
CLEAN = """
from stages.lab import Room
try:
    Room.close_all()
except Exception:
    pass
get_ipython().reset(new_session=False)
"""
BUSY = "while True: pass"
TAKE_LONG = (("07_idle_timeout", "warning"), ("07_idle_timeout", "idle"))  # They come first.


@dataclass(frozen=True)
class Answer:
    """An answer to a task; `told` and `breaks` are "" for a right one."""

    path: Path

    @property
    def exercise(self) -> str:
        return self.path.parent.name

    @property
    def task(self) -> str:
        return self.path.stem.partition("_")[0]

    @property
    def told(self) -> str:
        """What a learner is told first."""
        return self._line(TOLD)

    @property
    def breaks(self) -> str:
        """The name of the promise that it breaks."""
        return self._line(BREAKS)

    @property
    def source(self) -> str:
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith((TOLD, BREAKS)))

    def _line(self, head: str) -> str:
        lines = self.path.read_text(encoding="utf-8").splitlines()[:2]
        return next((line.removeprefix(head) for line in lines if line.startswith(head)), "")


RIGHT = [Answer(path) for path in sorted((HERE / "right").glob("*/*.py"))]
WRONG = [Answer(path) for path in sorted((HERE / "wrong").glob("*/*.py"))]


def wrong_answers(exercise: str, task: str) -> list[Answer]:
    """The wrong answers to a task."""
    return [one for one in WRONG if (one.exercise, one.task) == (exercise, task)]


@cache
def promises(exercise: str) -> dict[str, dict[str, str]]:
    """What the tasks of an exercise promise: by task, then by name, in the words of the page."""
    text = (PROMISES / f"{exercise}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


class Grader:
    """Grades answers to one exercise, one after another, in one kernel while it lives."""

    def __init__(self, exercise: str, folder: Path) -> None:
        self.exercise = exercise
        self.folder = folder
        self.solution = notebook.reference(exercise)
        self.kernel: Kernel | None = None

    def grade(self, answer: Answer) -> Result:
        """How an answer does, where nothing is left of the one before."""
        page = Page(with_answer(self.solution, answer), self.exercise, self.folder)
        if self.kernel and self.kernel.is_alive() and self.kernel.run(CLEAN, CELL).ended == "done":
            page.begin(self.kernel)
        result = page.grade(answer.task)
        self.kernel = page.kernel
        return result

    def close(self) -> None:
        if self.kernel:
            self.kernel.stop()


def with_answer(solution: notebook.Notebook, answer: Answer) -> notebook.Notebook:
    """A page on which this answer stands."""
    page = notebook.fresh(solution)
    cells = [
        {**cell, "source": answer.source} if notebook.task_of(cell) == answer.task else cell
        for cell in page["cells"]
    ]
    return {**page, "cells": cells}


def grade_all(answers: Sequence[Answer], folder: Path) -> dict[Answer, Future[Result]]:
    """Begin to grade; the answers to a task are graded in one kernel, those to several at once."""
    groups: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        groups.setdefault((answer.exercise, answer.task), []).append(answer)
    futures = {answer: Future[Result]() for answer in answers}
    kernels_apart()
    pool = ThreadPoolExecutor(AT_ONCE)
    for exercise, task in sorted(groups, key=lambda one: one not in TAKE_LONG):
        pool.submit(grade_group, groups[exercise, task], folder, futures)
    pool.shutdown(wait=False)
    return futures


def grade_group(
    answers: Sequence[Answer], folder: Path, futures: dict[Answer, Future[Result]]
) -> None:
    """Grade some answers to one task."""
    with loop_of_this_thread():
        grader = Grader(answers[0].exercise, folder)
        for answer in answers:
            try:
                futures[answer].set_result(grader.grade(answer))
            except Exception as error:
                futures[answer].set_exception(error)
        grader.close()


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes keep the machine busy meanwhile."""
    loads = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for load in loads:
            load.kill()
            load.wait()


def failures(
    answers: Sequence[Answer], times: int, is_well: Callable[[Answer, Result], bool]
) -> int:
    """Grade each answer so many times, and print those that went otherwise than they should."""
    gone_wrong: Counter[Answer] = Counter()
    for _ in range(times):
        with TemporaryDirectory() as folder:
            for answer, future in grade_all(answers, Path(folder)).items():
                result = future.result()
                if not is_well(answer, result):
                    gone_wrong[answer] += 1
                    print(f"{answer.exercise}/{answer.path.stem}: {result.result}")
                    print(f"    {result.in_a_line()}", flush=True)
    return sum(gone_wrong.values())


def write_told(answers: Iterable[Answer]) -> None:
    """Write what is told of each wrong answer into its file."""
    with TemporaryDirectory() as folder:
        for answer, future in grade_all(list(answers), Path(folder)).items():
            result = future.result()
            if result.result != "not right yet":
                print(f"{answer.exercise}/{answer.path.stem}: {result.result} {result.told}")
            head = f"{TOLD}{result.in_a_line()}\n{BREAKS}{answer.breaks}\n"
            answer.path.write_text(head + answer.source, encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Count; status 1 if an answer was not graded as it should be."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0], allow_abbrev=False
    )
    parser.add_argument("names", nargs="*", metavar="EXERCISE", help="as 05_who, or 05_who/count")
    parser.add_argument("--right", type=int, default=1, metavar="N", help="times (default: 1)")
    parser.add_argument("--wrong", type=int, default=1, metavar="N", help="times (default: 1)")
    parser.add_argument("--load", type=int, default=0, metavar="N", help="busy processes beside")
    parser.add_argument("--told", action="store_true", help="write what is told into the files")
    options = parser.parse_args(argv)

    def is_meant(answer: Answer) -> bool:
        name = f"{answer.exercise}/{answer.path.stem}"
        return not options.names or name.startswith(tuple(options.names))

    right, wrong = list(filter(is_meant, RIGHT)), list(filter(is_meant, WRONG))
    if options.told:
        write_told(wrong)
        return 0
    with busy(options.load):
        failed = failures(right, options.right, lambda _, result: result.result == "solved")
        passed = failures(
            wrong,
            options.wrong,
            lambda answer, result: (
                (result.result, result.in_a_line()) == ("not right yet", answer.told)
            ),
        )
    print(f"{len(right)} right answers, {options.right} times each: {failed} not solved")
    print(f"{len(wrong)} wrong answers, {options.wrong} times each: {passed} not told as they are")
    return int(failed + passed > 0)


if __name__ == "__main__":
    sys.exit(main())
