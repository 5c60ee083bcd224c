"""The journal of a room: who sent and read what, in order, seen as text, as a table, as a diagram.

It is the transcript that the checks keep as well, with views for a notebook.
"""

import html

from stages.check.transcript import SIGNS, Transcript
from stages.lab.diagram import Diagram
from stages.lab.steps import as_text, steps_of

CELL = "style='text-align:left'"


class Journal(Transcript):
    """Who sent and read what; `text()`, `table()` and `diagram(title)` are its views."""

    def __repr__(self) -> str:
        return self.text()

    def since(self, began: int) -> "Journal":
        """The part of the journal from event number `began` on."""
        return Journal(events=self.events[began:], owners=self.owners)

    def text(self) -> str:
        """A numbered line for each step; at the right who is online, wherever that changes."""
        return as_text(steps_of(self))

    def table(self) -> "Table":
        """A row for each step."""
        return Table(self)

    def diagram(self, title: str) -> Diagram:
        """The sequence diagram."""
        return Diagram(title, steps_of(self))


class Table:
    """A journal as a table: HTML in a notebook, text elsewhere."""

    def __init__(self, journal: Journal) -> None:
        self.steps = steps_of(journal)

    def __repr__(self) -> str:
        return as_text(self.steps)

    def _repr_html_(self) -> str:
        rows = [row("th", ("step", "who", "", "what", "online"))]
        for number, step in enumerate(self.steps, 1):
            people, online = ", ".join(step.actors), ", ".join(step.online)
            rows.append(row("td", (str(number), people, SIGNS[step.kind], step.text, online)))
        return f"<table>{''.join(rows)}</table>"


def row(tag: str, cells: tuple[str, ...]) -> str:
    """A row of the table, of `td` or `th` cells."""
    inner = "".join(f"<{tag} {CELL}>{html.escape(cell.strip())}</{tag}>" for cell in cells)
    return f"<tr>{inner}</tr>"
