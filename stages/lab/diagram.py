"""A sequence diagram of a room: who is online, the server, people beside it, time going down.

A lifeline is a thick bar while its owner is online. Those who are online stand at the left, where a
narrow page shows them; an arrow that is cut off shows that there is more.

The picture is SVG of plain shapes with a background of its own, so it looks the same on a light and
on a dark page, and the same bytes come out for the same story. Its text form says all that the
picture says: it is what a page without pictures shows, what a screen reader reads and what tests
compare.
"""

import html
from collections.abc import Iterable, Sequence

from stages.check.failure import width
from stages.lab.steps import Step, as_text, folded

MOST_STEPS = 60  # Rows of a picture; a longer story shows its beginning and its end.
MOST_LANES = 9  # People with a lifeline of their own; the rest share one.
MOST_NAMES = 3  # Names in the column of those who are online.
OTHERS = "others"
SERVER = "server"

LANE = 150  # Pixels from lifeline to lifeline.
MARGIN, TOP, ROW = 24, 84, 38
CHARACTER = 7.3  # Pixels of a column of the monospaced font at its size.
INK, GREY, PAPER = "#1f2933", "#8a94a0", "#fcfcf7"
COLOURS = {"sends": "#1d5fa8", "reads": "#0a7d4b", "does": INK, "note": "#6b4e9b"}
FONT = "font-family='ui-monospace, SFMono-Regular, Menlo, Consolas, monospace' font-size='12'"


class Diagram:
    """A sequence diagram with a title: a picture in a notebook, text elsewhere."""

    def __init__(self, title: str, steps: Sequence[Step]) -> None:
        self.title = title
        self.steps = folded(steps, MOST_STEPS)
        people = list(dict.fromkeys(who for step in self.steps for who in step.actors))
        people = [who for who in people if who != SERVER]
        shown = people if len(people) <= MOST_LANES else [*people[: MOST_LANES - 1], OTHERS]
        self.online = [online_label(step.online) for step in self.steps]
        self.left = round(MARGIN + CHARACTER * max(map(width, ["online", *self.online]))) + 50
        self.lanes = {who: self.left + LANE * at for at, who in enumerate([SERVER, *shown])}

    def __repr__(self) -> str:
        return f"{self.title}\n\n{as_text(self.steps)}"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"image/svg+xml": self.svg(), "text/plain": repr(self)}

    def svg(self) -> str:
        """The picture."""
        bottom = TOP + ROW * len(self.steps)
        captions = [self._begins(step) + CHARACTER * width(step.text) for step in self.steps]
        title = MARGIN + 9 * width(self.title)
        wide = round(max([title, *captions, *[x + 60 for x in self.lanes.values()]])) + MARGIN
        shapes = [
            f"<rect width='{wide}' height='{bottom + 24}' rx='8' fill='{PAPER}' stroke='#d5d9de'/>",
            text(
                MARGIN, 30, self.title, "font-size='15' font-weight='600' font-family='sans-serif'"
            ),
            *self._lifelines(bottom),
            text(MARGIN, TOP - 22, "online", f"fill='{GREY}'"),
        ]
        before = "nobody"
        for number, (step, online) in enumerate(zip(self.steps, self.online, strict=True)):
            y = TOP + ROW * number + ROW - 10
            shapes += self._row(step, y)
            if online != before:
                shapes.append(text(MARGIN, y + 4, online))
                before = online
        return "\n".join(
            [
                f"<svg xmlns='http://www.w3.org/2000/svg' role='img' {FONT} fill='{INK}'"
                f" width='{wide}' height='{bottom + 24}' viewBox='0 0 {wide} {bottom + 24}'>",
                f"<title>{html.escape(self.title)}</title>",
                f"<desc>{html.escape(as_text(self.steps))}</desc>",
                *shapes,
                "</svg>",
            ]
        )

    def _lifelines(self, bottom: int) -> Iterable[str]:
        """A name and a line for everyone; the line is thick where they are online."""
        for who, x in self.lanes.items():
            yield text(x, TOP - 22, who, "text-anchor='middle' font-weight='700'")
            yield f"<path d='M{x} {TOP - 12}V{bottom}' stroke='{GREY}' stroke-dasharray='2 4'/>"
            for number, step in enumerate(self.steps):
                if any(self._lane(person) == x for person in step.online):
                    y = TOP + ROW * number + ROW - 10
                    tall = min(ROW, bottom - y)
                    yield f"<rect x='{x - 4}' y='{y}' width='8' height='{tall}' fill='#cfe3d8'/>"

    def _row(self, step: Step, y: int) -> Iterable[str]:
        """What one step looks like: an arrow, or a dot, and its text."""
        colour = COLOURS[step.kind]
        places = sorted({self._lane(who) for who in step.actors})
        if step.kind == "note":
            yield text(self._begins(step), y, step.text, f"fill='{colour}' font-style='italic'")
            return
        if step.kind == "does":
            yield f"<circle cx='{places[0]}' cy='{y - 4}' r='4' fill='{colour}'/>"
            yield text(self._begins(step), y, step.text)
            return
        yield f"<path d='M{self.left} {y}H{places[-1]}' stroke='{colour}' stroke-width='1.6'/>"
        if step.kind == "sends":
            yield arrowhead(self.left, y, 1, colour)
        else:
            for x in places:
                yield arrowhead(x, y, -1, colour)
        yield text(self._begins(step), y - 6, step.text, f"fill='{colour}'")

    def _lane(self, who: str) -> int:
        """Where somebody's lifeline is; 0 for one who has none."""
        return self.lanes.get(who, self.lanes.get(OTHERS, 0))

    def _begins(self, step: Step) -> int:
        """Where the text of a step begins: beside who does it, or at the server."""
        return self._lane(step.actors[0]) + 9 if step.kind == "does" else self.left + 14


def text(x: float, y: float, words: str, style: str = "") -> str:
    """Words that stay legible on top of lines: they have an edge in the colour of the paper."""
    edge = f"paint-order='stroke' stroke='{PAPER}' stroke-width='4' xml:space='preserve'"
    return f"<text x='{x:g}' y='{y:g}' {edge} {style}>{html.escape(words)}</text>"


def online_label(people: Sequence[str]) -> str:
    """Who is online, in a narrow column: by name, or how many; the text form has all names."""
    return ", ".join(people) or "nobody" if len(people) <= MOST_NAMES else f"{len(people)} people"


def arrowhead(x: int, y: int, side: int, colour: str) -> str:
    """A triangle with its tip at `x`, coming from the right (`side` 1) or from the left (-1)."""
    back = x + 9 * side
    return f"<path d='M{x} {y}L{back} {y - 4}V{y + 4}Z' fill='{colour}'/>"
