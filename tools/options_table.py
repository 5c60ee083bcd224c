"""Makes the table of options in docs/running.md from the fields of `im_final.settings.Settings`.

python tools/options_table.py           show the table
python tools/options_table.py --write   put it into the page
"""

import sys
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from im_final.settings import Settings, kind  # noqa: E402 - after the folder of the project is known

PAGE = ROOT / "docs" / "running.md"
BEGIN, END = "<!-- options: made by tools/options_table.py -->\n", "<!-- end of options -->\n"
HEAD = "| option | value | default | at least | what it is |\n|---|---|---|---|---|\n"


def table() -> str:
    """The table, in Markdown."""
    return HEAD + "".join(row(one) for one in fields(Settings))


def row(one: Field[Any]) -> str:
    """One option: its flag, what it takes, its default, its lowest value, what the code says."""
    least = one.metadata["least"]
    cells = (
        f"`--{one.name.replace('_', '-')}`",
        one.metadata["unit"].lower() or kind(one.default),
        shown(one.default),
        "" if least is None else shown(least),
        one.metadata["help"],
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def shown(value: object) -> str:
    """A value, as it is typed."""
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in value)
    if isinstance(value, float):
        return f"`{value:g}`"
    return "" if value == "" else f"`{value}`"


def put_into(page: str, made: str) -> str:
    """The page with this table in its place."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE} has no place for the table, between {BEGIN!r} and {END!r}")
    return before + BEGIN + "\n" + made + "\n" + END + after


def main() -> None:
    """Show the table, or write it."""
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(put_into(PAGE.read_text(encoding="utf-8"), table()), encoding="utf-8")
    else:
        print(table(), end="")


if __name__ == "__main__":
    main()
