"""What the page for teachers has one type works, and gives what the page shows."""

import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from stages.exercises.progress import Result
from tests.exercises.answers import wrong_answers
from tests.exercises.learners import ROOT, Learner

PAGE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
EXERCISE = "01_basic_server"

pytestmark = pytest.mark.timeout(200)


def blocks(kind: str) -> list[str]:
    """The texts that stand fenced on the page."""
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.M | re.S)


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the page calls `..`: the folder with the submissions that the page has."""
    folder = tmp_path_factory.mktemp("beside")
    tree = next(text for text in blocks("text") if text.startswith("submissions/"))
    for number, line in enumerate(tree.splitlines()):
        learner = Learner(folder / str(number), EXERCISE)
        learner.solve()
        if "ben" in line:
            mistake = next(
                one for one in wrong_answers(EXERCISE, "echo") if "strips" in one.path.stem
            )
            learner.tasks["echo"]["source"] = mistake.source
        learner.save()
        (folder / line).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(learner.path, folder / line)
    return folder


@pytest.fixture(scope="module")
def done(beside: Path) -> dict[str, subprocess.CompletedProcess[str]]:
    """What each command of the page gave, in their order; by the word that tells it apart."""
    given = {}
    for block in blocks("console"):
        words = shlex.split(block.replace(".venv/bin/python", shlex.quote(sys.executable)))
        words = [word.replace("../", f"{beside}/") for word in words]
        given[next(one for one in ("hand-out", "zipfile", "grade", "pytest") if one in words)] = (
            subprocess.run(
                words, check=False, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=100
            )
        )
    return given


def shown(beside: Path, done: subprocess.CompletedProcess[str]) -> str:
    """What a command printed, as it stands on the page."""
    return done.stdout.replace(f"{beside}/", "../")


def test_the_course_is_handed_out_and_packed(
    beside: Path, done: dict[str, subprocess.CompletedProcess[str]]
) -> None:
    assert done["hand-out"].returncode == 0
    assert shown(beside, done["hand-out"]) in blocks("text")
    assert done["zipfile"].returncode == 0
    with zipfile.ZipFile(beside / "course-for-students.zip") as packed:
        names = packed.namelist()
    assert "course-for-students/README.md" in names
    assert "course-for-students/notebooks/exercises/05_who.ipynb" in names


def test_submissions_become_the_table_of_the_page(
    beside: Path, done: dict[str, subprocess.CompletedProcess[str]]
) -> None:
    assert done["grade"].returncode == 0
    assert shown(beside, done["grade"]) in blocks("text")
    assert (beside / "grades.csv").read_text(encoding="utf-8-sig") in blocks("text")


def test_what_a_student_reads_can_be_seen(
    done: dict[str, subprocess.CompletedProcess[str]],
) -> None:
    assert done["pytest"].returncode == 1
    assert (
        "what is probably wrong\n    a space too many or too few: expected" in done["pytest"].stdout
    )


def test_every_result_is_explained() -> None:
    results = re.findall(r"^\| `([a-z ]+)` \|", PAGE, re.M)
    assert sorted(results) == sorted([*get_args(get_type_hints(Result)["result"]), "not handed in"])
