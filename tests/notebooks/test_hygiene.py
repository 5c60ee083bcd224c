"""The notebooks are as a learner has to find them: run, complete, the same everywhere."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
COURSE = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOTEBOOKS = [*COURSE, *sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb"))]
LESSONS = [path for path in COURSE if re.match(r"0[1-8]_", path.name)]
LAST = ROOT / "notebooks" / "09_im_final.ipynb"
PARTS = ["Where we are", "The idea", "The change", "Run it", "Predict, then run", "Break it"]
PARTS += ["Your turn"]
MEASURED = "nbval-ignore-output"
NOT_THE_SAME_EVERYWHERE = {
    "a port": r"127\.0\.0\.1:\d|localhost:\d|port=\d",
    "an address of an object": r"0x[0-9a-fA-F]{6,}",
    "a path": r"/home/|/root/|/tmp/|/usr/|/work/|[A-Z]:\\\\|site-packages",
    "a time of day or a date": r"\b\d\d:\d\d:\d\d\b|\b20\d\d-\d\d-\d\d\b",
    "a duration": r"\b\d+\.\d{3,} s\b|\b\d+ ms\b",
}

every_notebook = pytest.mark.parametrize(
    "path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}"
)
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
every_lesson_and_the_last = pytest.mark.parametrize(
    "path", [*LESSONS, LAST], ids=lambda path: path.stem
)


def read(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def cells(path: Path, kind: str) -> list[dict[str, Any]]:
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == kind]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def prose(path: Path) -> str:
    return "\n\n".join(source(cell) for cell in cells(path, "markdown"))


def outputs(path: Path) -> str:
    return json.dumps([cell["outputs"] for cell in cells(path, "code")], ensure_ascii=False)


def test_all_ten_lessons_and_the_live_chat_are_there() -> None:
    assert [path.name[:2] for path in COURSE] == [f"0{n}" for n in range(10)] + ["li"]


@every_notebook
def test_every_code_cell_was_run_in_order(path: Path) -> None:
    counts = [cell["execution_count"] for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1))


@every_notebook
def test_no_cell_failed_or_complained(path: Path) -> None:
    for cell in cells(path, "code"):
        for output in cell["outputs"]:
            assert output["output_type"] != "error", source(cell)
            assert output.get("name") != "stderr", source(cell)


@every_notebook
@pytest.mark.parametrize("what", NOT_THE_SAME_EVERYWHERE)
def test_no_output_has_anything_of_this_run_in_it(path: Path, what: str) -> None:
    shown = re.sub(r"127\.0\.0\.1:50001|127\.0\.0\.1:\{?port", "", outputs(path))
    assert not re.search(NOT_THE_SAME_EVERYWHERE[what], shown)


@every_notebook
def test_ids_are_stable_and_nothing_else_is_saved(path: Path) -> None:
    notebook = read(path)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(rf"{path.name[:2]}-(\d\d[a-z]?|[a-z]+)", cell_id) for cell_id in ids)
    assert notebook["metadata"] == {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"promise", "stub", "tags", "task"}


@every_notebook
def test_it_is_written_as_the_renew_command_writes_it(path: Path) -> None:
    data = path.read_bytes()
    assert b"\r" not in data
    assert data.endswith(b"}\n")
    assert b"widget-view" not in data


@every_lesson_and_the_last
def test_a_lesson_has_its_seven_parts_in_order(path: Path) -> None:
    heads = re.findall(r"^## (\d)\. (.+)$", prose(path), re.MULTILINE)
    assert heads == [(str(number), part) for number, part in enumerate(PARTS, 1)]
    assert prose(path).count("### Recap") == 1
    assert re.search(r"^\*\*(Next|The way on):\*\*", prose(path), re.MULTILINE)


@every_lesson
def test_a_lesson_is_neither_short_nor_long(path: Path) -> None:
    assert 1000 <= len(prose(path).split()) <= 1700
    assert 16 <= len(cells(path, "code")) <= 28


def test_the_last_lesson_has_room_for_every_limit_and_no_more() -> None:
    assert 1000 <= len(prose(LAST).split()) <= 1900
    assert 16 <= len(cells(LAST, "code")) <= 36


@every_lesson
def test_a_lesson_draws_itself_compares_itself_and_has_a_naive_version(path: Path) -> None:
    code = "\n".join(source(cell) for cell in cells(path, "code"))
    number = int(path.name[:2])
    assert code.count(".diagram(") >= 2
    assert (f"difference({number})" if number > 1 else "program(1)") in code
    naive = [cell for cell in cells(path, "code") if "naive" in cell["metadata"].get("tags", [])]
    assert "class Naive(" in source(naive[0])
    assert "```mermaid" in prose(path)
    assert f"python -m stages.check {number} -- " in prose(path)


def test_only_measured_numbers_are_not_compared_and_their_conclusion_is_asserted() -> None:
    measured = {
        path.name: [cell for cell in cells(path, "code") if MEASURED in tags(cell)]
        for path in NOTEBOOKS
    }
    assert {name for name, found in measured.items() if found} == {LAST.name}
    plot, times, bytes_kept = measured[LAST.name]
    assert "image/png" in plot["outputs"][0]["data"]
    assert "assert min(times.values()) > 3" in source(times)
    assert "assert many > 4 * one" in source(bytes_kept)


def tags(cell: dict[str, Any]) -> list[str]:
    found: list[str] = cell["metadata"].get("tags", [])
    return found


@every_notebook
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", prose(path)):
        assert not target.startswith("http"), "the course works without a network"
        assert (path.parent / target).exists(), target


@every_notebook
def test_what_the_code_imports_and_quotes_exists(path: Path) -> None:
    for cell in cells(path, "code"):
        ast.parse(source(cell), type_comments=False) if "await " not in source(cell) else compile(
            source(cell), path.name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        )
    for name in re.findall(r"`(stages/[\w/]+\.py)`", prose(path)):
        assert (ROOT / name).exists()


@every_notebook
def test_it_reads_well_as_text(path: Path) -> None:
    for cell in cells(path, "code"):
        for output in cell["outputs"]:
            if data := output.get("data"):
                assert "text/plain" in data
                assert "object at" not in "".join(data["text/plain"])
