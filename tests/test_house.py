"""The house keeps its rules: formatted, linted, typed, and every part minds its own business."""

import ast
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from tests.conftest import FIRST

ROOT = Path(__file__).parents[1]
STAGES = [ROOT / "stages" / f"stage{number}.py" for number in range(1, 9)]
LAB = ROOT / "stages" / "lab"
GRADING = ROOT / "stages" / "exercises"
OF_JUPYTER = {LAB / "panel.py", GRADING / "grader.py", GRADING / "kernels.py"}  # Need more.
ANSWERS = ROOT / "tests" / "exercises"
CELLS = (ANSWERS / "right", ANSWERS / "wrong")  # Cells of notebooks, not modules.
FINAL = ROOT / "im_final"
CORE = {  # Of im_final: what is decided without a socket, and can be tested without one.
    *("fanout", "flood", "gate", "log", "names", "options", "outbox", "phrases", "password"),
    *("room", "roster", "strangers", "telnet", "text_file", "user", "wire"),
    *("backplane", "statistics", "cluster.entries", "cluster.member", "cluster.operations"),
    *("cluster.address", "cluster.outgoing", "cluster.replica"),
}
OUTSIDE = {"asyncio", "logging", "selectors", "socket", "ssl", "threading"}
LONGEST_FILE = 400
STAGE_LINES = range(18, 71)  # Lines of code; without blank lines, comments and docstrings.


@pytest.mark.parametrize(
    "tool",
    [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)],
    ids=" ".join,
)
def test_clean(tool: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", *tool]
    done = subprocess.run(
        command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr


def imports(path: Path) -> set[str]:
    """Every module that a file imports, in full."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def ours(path: Path) -> set[str]:
    """The modules of this project that a file imports."""
    return {name for name in imports(path) if name.split(".")[0] in {"stages", "im_final"}}


@pytest.mark.parametrize("number", range(1, 9))
def test_a_stage_imports_the_one_before_and_no_other(number: int) -> None:
    before = {f"stages.stage{number - 1}"} if number > 1 else set()
    assert ours(STAGES[number - 1]) == before | {"stages.command", "stages.phrases"} - (
        set() if uses_phrases(number) else {"stages.phrases"}
    )


def uses_phrases(number: int) -> bool:
    return "phrases." in STAGES[number - 1].read_text(encoding="utf-8")


def test_the_servers_and_the_checks_stand_on_the_standard_library() -> None:
    for path in set((ROOT / "stages").rglob("*.py")) - OF_JUPYTER:
        for name in imports(path):
            top = name.split(".")[0]
            assert top == "stages" or top in sys.stdlib_module_names, f"{path.name} imports {name}"


def test_the_checks_know_nothing_of_how_a_server_is_made() -> None:
    for path in (ROOT / "stages" / "check").glob("*.py"):
        for name in ours(path):
            known = name in {"stages.phrases", "stages.streams"}
            assert known or name.startswith("stages.check")


def test_the_lab_starts_anything_and_knows_no_stage() -> None:
    for path in (ROOT / "stages" / "lab").glob("*.py"):
        for name in ours(path):
            assert name == "stages.phrases" or name.startswith(("stages.check", "stages.lab"))


def test_the_finished_server_stands_on_the_standard_library_too() -> None:
    extras = {FINAL / "metrics.py", FINAL / "cluster" / "redis.py"}
    for path in set(FINAL.rglob("*.py")) - extras:
        for name in imports(path):
            top = name.split(".")[0]
            assert top == "im_final" or top in sys.stdlib_module_names, f"{path.name}: {name}"


def test_the_stages_and_the_finished_server_know_nothing_of_each_other() -> None:
    for package, other in (("stages", "im_final"), ("im_final", "stages")):
        for path in (ROOT / package).rglob("*.py"):
            assert not {name for name in imports(path) if name.split(".")[0] == other}, path.name


@pytest.mark.parametrize("module", sorted(CORE))
def test_the_core_of_the_finished_server_knows_no_socket_and_no_loop(module: str) -> None:
    for name in imports(FINAL / f"{module.replace('.', '/')}.py"):
        top, _, rest = name.partition(".")
        assert top not in OUTSIDE
        known = any(rest == core or rest.startswith(f"{core}.") for core in CORE)
        assert top != "im_final" or known, f"{module} imports {name}"


def code_lines(path: Path) -> int:
    """Lines of code, without blank lines, comments and docstrings."""
    with tokenize.open(path) as file:
        source = file.read()
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, documented) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    lines = enumerate(source.splitlines(), 1)
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") and number not in docstrings
        for number, line in lines
    )


@pytest.mark.parametrize("path", STAGES, ids=lambda path: path.stem)
def test_a_stage_is_a_page(path: Path) -> None:
    assert code_lines(path) in STAGE_LINES


def test_a_part_of_an_option_is_never_taken_for_it() -> None:
    for package in ("stages", "im_final", "tests", "tools", "benchmarks"):
        for path in set((ROOT / package).rglob("*.py")) - {Path(__file__)}:
            source = path.read_text(encoding="utf-8")
            parsers = source.count("ArgumentParser(") + source.count(".add_parser")
            assert source.count("allow_abbrev=False") == parsers, path.name


def test_no_file_is_long() -> None:
    for path in ROOT.rglob("*.py"):
        if ".venv" not in path.parts:
            length = len(path.read_text(encoding="utf-8").splitlines())
            assert length <= LONGEST_FILE, f"{path.name} has {length} lines"


def test_every_module_begins_with_what_it_does() -> None:
    for package in ("stages", "im_final", "tests", "tools"):
        for path in set((ROOT / package).rglob("*.py")) - {
            path for folder in CELLS for path in folder.rglob("*.py")
        }:
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path.name


def test_the_files_of_tests_that_go_first_are_there() -> None:
    assert [name for name in FIRST if not (ROOT / name).is_file()] == []
