"""The pages, taken apart: links, code names, console sessions."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RUNNING = DOCS / "running.md"
WALK = DOCS / "one-line-of-chat.md"
CLUSTER = DOCS / "cluster.md"
README = ROOT / "README.md"


def text(path: Path) -> str:
    """A page."""
    return path.read_text(encoding="utf-8")


def without_blocks(page: str) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page, flags=re.M | re.S)


def links(page: str) -> list[str]:
    """Where it links to, in this project."""
    return [
        link
        for link in re.findall(r"\]\(([^)\s]+)\)", without_blocks(page))
        if not link.startswith("http")
    ]


def anchors(page: str) -> set[str]:
    """What can be behind a # in a link to the page, as GitHub makes it of the headings."""
    heads = re.findall(r"^#+ (.*)$", without_blocks(page), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def blocks(page: str, language: str) -> list[str]:
    """Its blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.M | re.S)


@dataclass
class Step:
    """A command of a console session, and what is printed after it."""

    command: str
    lines: list[str]


def sessions(page: str) -> list[list[Step]]:
    """Its console sessions."""
    found = []
    for block in blocks(page, "console"):
        steps: list[Step] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append(Step(line[2:], []))
            elif steps:
                steps[-1].lines.append(line)
        found.append(steps)
    return found


def names_in(path: Path) -> set[str]:
    """All that a module defines: `name`, `Class`, `Class.method`, `Class.attribute`, `method`."""
    found: set[str] = set()
    for node in ast.parse(text(path)).body:
        found |= defined(node)
        if isinstance(node, ast.ClassDef):
            inside = {name for one in ast.walk(node) for name in defined(one)} - {node.name}
            found |= inside | {f"{node.name}.{name}" for name in inside}
    return found


def defined(node: ast.AST) -> set[str]:
    """The names that a statement defines."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {name for target in targets for name in target_names(target)}
        case ast.AnnAssign(target=target):
            return target_names(target)
        case ast.withitem(optional_vars=ast.expr() as target):
            return target_names(target)
    return set()


def target_names(target: ast.expr) -> set[str]:
    """The names on the left of an assignment."""
    match target:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self"), attr=name):
            return {name}
        case ast.Tuple(elts=parts):
            return {name for part in parts for name in target_names(part)}
    return set()
