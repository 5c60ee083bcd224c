"""Views of the code as it stands in the files of the stages: nothing is copied, nothing can differ.

Each stage imports the one before and says only what is new, so the whole program as of a stage is
spread over several files. `program` puts it together, `difference` compares two such programs,
`method_map` shows which method comes from where, `source` quotes a single one.
"""

import ast
import difflib
import inspect
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from stages.lab import highlight

FOLDER = Path(__file__).parents[1]
MODULE = ""  # The name of what stands in no class.


class View:
    """Some text, plain by itself, and as a notebook shows it: of which kind, and what."""

    def __init__(self, body: str, kind: str, shown: str) -> None:
        self.body = body
        self.kind = kind
        self.shown = shown

    def __repr__(self) -> str:
        return self.body

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {self.kind: self.shown, "text/plain": self.body}


def code_view(code: str) -> View:
    """Python code."""
    return View(code, "text/html", highlight.python(code))


def table_view(rows: list[str]) -> View:
    """A table, of the rows that Markdown has for it."""
    table = "\n".join(rows)
    return View(table, "text/markdown", table)


def source(thing: Any) -> View:
    """A method, class, function or whole module as it stands in its file."""
    return code_view(textwrap.dedent(inspect.getsource(thing)).rstrip())


@dataclass(frozen=True)
class Piece:
    """A method, an attribute, a function or a constant, as one stage has it."""

    stage: int
    owner: str
    name: str
    text: str

    @property
    def extends(self) -> bool:
        """Whether it calls what the stage before has under this name."""
        return f"super().{self.name}(" in self.text


def pieces(stage: int) -> list[Piece]:
    """Everything that the file of a stage defines, in its order."""
    lines = (FOLDER / f"stage{stage}.py").read_text(encoding="utf-8")
    found = []
    for node in ast.parse(lines).body:
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if name := name_of(member):
                    found.append(Piece(stage, node.name, name, quote(lines, member)))
        elif name := name_of(node):
            found.append(Piece(stage, MODULE, name, quote(lines, node)))
    return found


def name_of(node: ast.stmt) -> str:
    """The name that a statement defines; that of none is empty."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return ""


def quote(lines: str, node: ast.stmt) -> str:
    """A statement as it stands in its file, moved to the left edge."""
    first, last = node.lineno - 1, node.end_lineno
    return textwrap.dedent("\n".join(lines.split("\n")[first:last]))


def chains(stage: int) -> dict[tuple[str, str], list[Piece]]:
    """For each name as of a stage: who says it last, and what that goes on to with `super()`."""
    found: dict[tuple[str, str], list[Piece]] = {}
    for number in range(1, stage + 1):
        for piece in pieces(number):
            before = found.get((piece.owner, piece.name), [])
            found[piece.owner, piece.name] = [piece, *(before if piece.extends else [])]
    return found


def program(stage: int) -> View:
    """The whole program as of a stage: each method as it is said last, then what it extends."""
    return code_view(whole(stage))


def whole(stage: int) -> str:
    """The text of `program`."""
    by_owner: dict[str, list[str]] = {MODULE: [], "User": [], "Server": []}
    for (owner, _), chain in chains(stage).items():
        for depth, piece in enumerate(chain):
            origin = f"# stage {piece.stage}, extended by the one above\n" if depth else ""
            by_owner[owner].append(origin + piece.text)
    parts = by_owner.pop(MODULE)
    for owner, members in by_owner.items():
        if members:
            parts.append(f"class {owner}:\n" + textwrap.indent(stacked(members), "    "))
    return stacked(parts)


def stacked(parts: list[str]) -> str:
    """Parts below each other, with a blank line around those that are longer than a line."""
    text = parts[0] if parts else ""
    for before, part in pairwise(parts):
        text += ("\n\n" if "\n" in before + part else "\n") + part
    return text


def difference(stage: int) -> View:
    """What a stage changes: the whole programs before and after it, compared."""
    before, after = whole(stage - 1).splitlines(), whole(stage).splitlines()
    lines = difflib.unified_diff(
        before, after, f"the program of stage {stage - 1}", f"of stage {stage}", n=2, lineterm=""
    )
    places = ["@@ … @@" if line.startswith("@@") else line for line in lines]
    body = "\n".join(places)
    return View(body, "text/html", highlight.difference(body))


def method_map(stage: int = 8) -> View:
    """Which stage defines (●) or extends (○) which method: a table, stages from left to right."""
    numbers = range(1, stage + 1)
    marks: dict[str, dict[int, str]] = {}
    for number in numbers:
        for piece in pieces(number):
            if piece.owner and "def " in piece.text:
                row = marks.setdefault(f"{piece.owner}.{piece.name}", {})
                row[number] = "○" if piece.extends else "●"
    rows = ["| method | " + " | ".join(map(str, numbers)) + " |", "|:--|" + ":-:|" * stage]
    for name, row in sorted(marks.items(), key=lambda item: item[0].partition(".")[0]):
        rows.append(f"| `{name}` | " + " | ".join(row.get(n, " ") for n in numbers) + " |")
    return table_view(rows)
