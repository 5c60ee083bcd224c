"""`python -m stages grade`: a folder of submissions becomes a table.

Each submission is graded by itself, in a folder and a kernel of its own. What cannot be graded is a
row that says why, and costs nobody else anything.
"""

import csv
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from stages.exercises import notebook, told
from stages.exercises.calling import this_python
from stages.exercises.commands import Refused, all_names, name_of
from stages.exercises.progress import Result
from stages.exercises.submissions import Submission, readable, submissions

if TYPE_CHECKING:
    from stages.exercises.running import Page

COLUMNS = ("student", "exercise", "task", "result", "told", "file")
AT_ONCE = 2  # Most of the time that grading takes is waiting.
STOPPED = "Not graded: the grading was stopped"

Graded = dict[tuple[str, str], Mapping[str, Result]]  # By student and exercise, then by task.


def grade(folder: Path, table: Path, numbers: Sequence[int]) -> str:
    """Grade all submissions in a folder into a CSV table. Raises Refused if any was not graded.

    A submission is a notebook with the cells of an exercise, in a folder named after the student,
    or with the student's name in its own.
    """
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder")
    names = [name_of(number) for number in numbers] or all_names()
    found = submissions(folder, names)
    if not found:
        raise Refused(f"there is no notebook in {folder} that is an exercise")
    before_it_takes_long(table)
    for line in filter(None, (one.told() for one in found)):
        print(line, file=sys.stderr)
    graded = Class(found).grade()
    all_rows = list(rows(found, graded, names))
    place = write(table, all_rows)
    count = len({one.student for one in found})
    said = f"{len(found)} submissions of {count} students are graded in {place}"
    if missing := sum(row[3] == "not graded" for row in all_rows):
        tasks = "1 task is" if missing == 1 else f"{missing} tasks are"
        raise Refused(f"{said}; {tasks} not graded, and `told` says why")
    return f"{said}."


def before_it_takes_long(table: Path) -> None:
    """Raise Refused if the table cannot be written, or nothing can be graded here."""
    try:
        import stages.exercises.kernels as _  # noqa: F401, PLC0415
    except ImportError as error:
        how = f'{this_python()} -m pip install -c constraints.txt -e ".[course]"'
        raise Refused(f"grading needs {error.name}, which is not installed: {how}") from None
    is_there = table.exists()
    try:
        table.open("a").close()
    except OSError as error:
        raise Refused(f"{table} cannot be written: {error.strerror}") from None
    if not is_there:
        table.unlink()


class Class:
    """The submissions of a class, of which several are graded at a time."""

    def __init__(self, found: Sequence[Submission]) -> None:
        self.found = found
        self.graded: Graded = {}
        self.pages: set[Page] = set()
        self.stopped = threading.Event()

    def grade(self) -> Graded:
        """How all went. Ctrl-C ends it: what is graded by then is not lost."""
        from stages.exercises.kernels import kernels_apart  # noqa: PLC0415 - needs Jupyter

        kernels_apart()
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            for done in [pool.submit(self.grade_one, one) for one in self.found]:
                done.result()
        except KeyboardInterrupt:
            self.stopped.set()
            for page in list(self.pages):
                page.kill()
        finally:
            pool.shutdown(cancel_futures=True)
        return self.graded

    def grade_one(self, one: Submission) -> None:
        """Grade one, and say how it went."""
        results: dict[str, Result] = {}
        self.graded[one.student, one.taken.exercise] = results
        tasks = notebook.tasks(notebook.reference(one.taken.exercise))
        try:
            for task, result in self.results(one, tasks):
                if not self.stopped.is_set():
                    results[task] = result
        except Exception as error:  # A mistake of ours, or a full disk: nobody else pays for it.
            for task in tasks:
                results.setdefault(task, told.result(told.not_graded(error)))
        if self.stopped.is_set() and len(results) < len(tasks):
            return
        solved = sum(result.result == "solved" for result in results.values())
        file = readable(str(one.taken.inside))
        print(f"{file}: {solved} of {len(tasks)} tasks solved", file=sys.stderr)

    def results(self, one: Submission, tasks: Sequence[str]) -> Iterator[tuple[str, Result]]:
        """How each task went."""
        from stages.exercises.kernels import loop_of_this_thread  # noqa: PLC0415 - needs Jupyter
        from stages.exercises.running import Page  # noqa: PLC0415

        if one.taken.page is None:
            for task in tasks:
                yield task, told.result(f"Not graded: {one.taken.why}")
            return
        with (
            loop_of_this_thread(),
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place,
            Page(one.taken.page, one.taken.exercise, Path(place)) as page,
        ):
            self.pages.add(page)
            try:
                for task in tasks:
                    if self.stopped.is_set():
                        return
                    yield task, page.grade(task)
            finally:
                self.pages.discard(page)


def write(table: Path, all_rows: Sequence[tuple[str, ...]]) -> Path:
    """Write the table, or, if it has become impossible, another in a folder of the system's."""
    try:
        file = table.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="")
    except OSError as error:  # As when it was opened in Excel meanwhile.
        other = tempfile.mkdtemp(prefix="grades-")
        print(f"{table} cannot be written: {error.strerror}", file=sys.stderr)
        return write(Path(other, table.name), all_rows)
    with file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(all_rows)
    return table


def rows(
    found: Sequence[Submission], graded: Graded, names: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """A row for each student and task."""
    files = {(one.student, one.taken.exercise): str(one.taken.inside) for one in found}
    for student in dict.fromkeys(one.student for one in found):
        for name in names:
            file = readable(files.get((student, name), ""))
            for task in notebook.tasks(notebook.reference(name)):
                result = graded.get((student, name), {}).get(task)
                if not file:
                    yield student, name, task, "not handed in", "", ""
                elif result is None:
                    yield student, name, task, "not graded", STOPPED, file
                else:
                    yield student, name, task, result.result, result.in_a_line(), file
