"""Names that a learner has chosen, and that a page uses, too: neither takes the other's away.

A helper of a learner's may be called `names`, `refused` or `check`, as something in a given cell
is. Where both bind a name, the given cells are run under another one. What they do is the same.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock

from stages.exercises import notebook
from stages.exercises.notebook import Step

OF_THE_PAGE = "_of_the_page"
DEFINING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

ONE_AT_A_TIME = Lock()  # Python 3.11 cannot build two syntax trees at once, in two threads.

Names = dict[str, bool]  # By name: whether it is one of the first cells', not of a task's.


def taken(steps: Sequence[Step]) -> Names:
    """The names of given cells that a learner's cells bind as well."""
    own = {name for step in steps if step.whose in ("answer", "added") for name in bound(step)}
    first = {name for step in steps if not step.task for name in bound(step)}
    given = {name for step in steps if step.whose == "given" for name in bound(step)}
    return {name: name in first for name in sorted(own & given)}


def bound(step: Step) -> set[str]:
    """The names that a cell binds."""
    return {name for node in parsed(notebook.source(step.cell)) for name in binds(node)}


def parsed(source: str) -> list[ast.stmt]:
    """The statements of a cell; none if it is not plain Python."""
    try:
        with ONE_AT_A_TIME:
            return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def binds(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement binds outside of functions and classes."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def kept(names: Names) -> str:
    """A cell that keeps what the first cells have bound, under the other names."""
    return "\n".join(f"{name}{OF_THE_PAGE} = {name}" for name, first in names.items() if first)


def apart(source: str, names: Names) -> str:
    """A given cell under names that are the page's alone."""
    if not names:
        return source
    with ONE_AT_A_TIME:
        tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            node.id += OF_THE_PAGE
        elif isinstance(node, ast.arg) and node.arg in names:
            node.arg += OF_THE_PAGE
        elif (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and node.name in names
        ):
            node.name += OF_THE_PAGE
    return ast.unparse(tree)


def definitions(steps: Iterable[Step]) -> list[str]:
    """What the answers and added cells of other tasks define, without what they do."""
    own = (step for step in steps if step.whose in ("answer", "added"))
    statements = (one for step in own for one in parsed(notebook.source(step.cell)))
    return [ast.unparse(one) for one in statements if isinstance(one, DEFINING) or plain(one)]


def plain(statement: ast.stmt) -> bool:
    """Whether a statement gives a name a value, and does nothing else."""
    return isinstance(statement, ast.Assign) and all(
        isinstance(target, ast.Name) for target in statement.targets
    )
