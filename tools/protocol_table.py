"""Makes docs/protocol.md: each sentence of the protocol, its checks, and the servers that break it.

python tools/protocol_table.py           show the page
python tools/protocol_table.py --write   write it

The sentences stand in tests/check/protocol.toml.
"""

import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "protocol.md"
DATA = ROOT / "tests" / "check" / "protocol.toml"
HEAD = """\
# The protocol, sentence by sentence

What a server has to do, from the outside. Each sentence has the checks that hold a server to it
(`python3 -m stages.check 8 --only NAME`), and wrong servers that break it and are caught by one of
them: they are in [tests/wrong_servers](../tests/wrong_servers), and differ from a right one in that
alone. So a server that passes all checks does what is said here, in whatever language it is written
and however it is made. Servers of six designs in four languages are held to it by the tests
([tests/right_servers](../tests/right_servers)): threads, `selectors` and asyncio's streams in
Python, `poll` in C, goroutines in Go, callbacks in Node.

The default port (9999) and the default idle limit (10 s) are those of our own programs, and no
checks ask for them.

This page is made by `python tools/protocol_table.py --write`.
"""


def page(parts: list[dict[str, Any]]) -> str:
    """The whole page, in Markdown."""
    return HEAD + "".join(section(part["title"], part["sentence"]) for part in parts)


def section(title: str, sentences: list[dict[str, Any]]) -> str:
    """A part of the protocol: a heading and a table."""
    rows = "".join(row(sentence) for sentence in sentences)
    return f"\n## {title}\n\n| the protocol | checks | broken by |\n|---|---|---|\n{rows}"


def row(sentence: dict[str, Any]) -> str:
    """A sentence, with what is left to the server in italics."""
    text = sentence["text"].replace("|", "\\|")
    if "choice" in sentence:
        text += f" *{sentence['choice']}*"
    return f"| {text} | {names(sentence['checks'])} | {names(sentence['mutants'])} |\n"


def names(found: list[str]) -> str:
    """Names, in code type."""
    return ", ".join(f"`{name}`" for name in found)


def made() -> str:
    """The page as it should be."""
    with DATA.open("rb") as file:
        return page(tomllib.load(file)["part"])


def main() -> None:
    """Show the page, or write it."""
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(made(), encoding="utf-8")
    else:
        sys.stdout.write(made())


if __name__ == "__main__":
    main()
