"""`python -m stages`: what each stage adds, how to run it, and the notebook that explains it."""

import importlib
import io
import sys
from pathlib import Path

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def overview() -> str:
    """The list, from the first line of each stage's docstring and the notebooks that are there."""
    rows = ["A chat server in eight stages, each a program that runs.", ""]
    for number in range(1, 9):
        stage = importlib.import_module(f"stages.stage{number}")
        title = (stage.__doc__ or "").partition("\n")[0].partition(": ")[2].rstrip(".")
        rows.append(f"  python -m stages.stage{number}   {title}")
        rows += [f"{'':28}notebooks/{path.name}" for path in NOTEBOOKS.glob(f"0{number}_*.ipynb")]
    rows += [
        "",
        "Talk to it with `nc 127.0.0.1 9999`, in as many terminals as you like.",
        "Check your own server, in any language: python -m stages.check --help",
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    print(overview())
