"""The views of the code, held against what Python itself makes of the stages."""

import ast
import importlib
import inspect
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from stages.lab import difference, highlight, method_map, program, source

ROOT = Path(__file__).parents[2]
every_stage = pytest.mark.parametrize("stage", range(1, 9))


def module(stage: int) -> Any:
    return importlib.import_module(f"stages.stage{stage}")


def methods(stage: int) -> dict[str, ast.AST]:
    """The methods that a stage's file defines, by `Class.method`."""
    tree = ast.parse((ROOT / "stages" / f"stage{stage}.py").read_text(encoding="utf-8"))
    return methods_in(tree)


def methods_in(tree: ast.Module) -> dict[str, ast.AST]:
    return {
        f"{owner.name}.{node.name}": node
        for owner in reversed(tree.body)
        if isinstance(owner, ast.ClassDef)
        for node in reversed(owner.body)  # Of several with a name, the first.
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@every_stage
def test_each_method_is_quoted_to_the_character(stage: int) -> None:
    lines = (ROOT / "stages" / f"stage{stage}.py").read_text(encoding="utf-8").splitlines()
    for name, node in methods(stage).items():
        owner, _, method = name.partition(".")
        quoted = source(getattr(getattr(module(stage), owner), method)).body
        indented = [f"    {line}" if line else "" for line in quoted.splitlines()]
        assert indented == lines[node.lineno - 1 : node.end_lineno]  # type: ignore[attr-defined]


@every_stage
def test_the_whole_program_compiles_class_by_class(stage: int) -> None:
    tree = ast.parse(program(stage).body)
    names = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    assert names == (["Server"] if stage == 1 else ["User", "Server"])
    for node in tree.body:
        compile(ast.Module([node], []), f"the program of stage {stage}", "exec")


@every_stage
def test_the_whole_program_has_each_method_as_it_is_said_last(stage: int) -> None:
    shown = methods_in(ast.parse(program(stage).body))
    last = {name: node for number in range(1, stage + 1) for name, node in methods(number).items()}
    assert set(shown) == set(last)
    for name, node in last.items():
        assert ast.dump(shown[name]) == ast.dump(node), name


@every_stage
def test_what_a_method_goes_on_to_stands_below_it_and_what_it_replaced_does_not(stage: int) -> None:
    body = program(stage).body
    shown = Counter(re.findall(r"^    (?:async )?def (\w+)", body, re.MULTILINE))
    due: Counter[str] = Counter()
    for name in {name for number in range(1, stage + 1) for name in methods(number)}:
        marks = "".join(mark_of(number, name) for number in range(1, stage + 1))
        due[name.partition(".")[2]] += len(marks) - marks.rindex("●")
    assert shown == due


@every_stage
def test_every_method_of_a_stage_stands_in_its_program(stage: int) -> None:
    body = program(stage).body
    for name in methods(stage):
        owner, _, method = name.partition(".")
        text = inspect.getsource(getattr(getattr(module(stage), owner), method))
        assert text.rstrip() in body


@pytest.mark.parametrize("stage", range(2, 9))
def test_a_difference_has_all_that_is_new_and_all_that_is_gone(stage: int) -> None:
    _, _, *body = difference(stage).body.splitlines()
    before, after = (Counter(program(number).body.split("\n")) for number in (stage - 1, stage))
    for line in body:
        if line.startswith("+"):
            before[line[1:]] += 1
        elif line.startswith("-"):
            before[line[1:]] -= 1
    assert +before == after
    assert min(before.values()) >= 0


def test_a_difference_is_shown_as_one() -> None:
    assert difference(3).body.splitlines()[:2] == [
        "--- the program of stage 2",
        "+++ of stage 3",
    ]
    shown = difference(3)._repr_mimebundle_()["text/html"]
    added = next(line for line in difference(3).body.splitlines() if line.startswith("+MAX_LINE"))
    assert f"<span style='{highlight.STYLES['+']}'>{added}</span>\n" in shown


def test_the_first_difference_is_the_first_program() -> None:
    _, _, *body = difference(1).body.splitlines()
    assert [line[1:] for line in body if line.startswith("+")] == program(1).body.splitlines()


def test_the_map_agrees_with_the_classes() -> None:
    head, _, *rows = method_map().body.splitlines()
    assert [cell.strip() for cell in head.split("|")[2:-1]] == list("12345678")
    seen = {}
    for row in rows:
        _, name, *marks, _ = (cell.strip() for cell in row.split("|"))
        seen[name.strip("`")] = marks
    assert set(seen) == {name for stage in range(1, 9) for name in methods(stage)}
    for name, marks in seen.items():
        assert marks == [mark_of(stage, name) for stage in range(1, 9)], name


def mark_of(stage: int, name: str) -> str:
    """What the map should say, by the file of the stage."""
    if name not in methods(stage):
        return ""
    called = {
        ast.unparse(node.func)
        for node in ast.walk(methods(stage)[name])
        if isinstance(node, ast.Call)
    }
    return "○" if f"super().{name.partition('.')[2]}" in called else "●"


def test_a_shorter_map_ends_earlier() -> None:
    head, *rows = method_map(3).body.splitlines()
    assert head == "| method | 1 | 2 | 3 |"
    assert not any("do_message" in row for row in rows)
    assert {row.count("|") for row in rows} == {5}
