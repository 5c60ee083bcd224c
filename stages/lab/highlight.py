"""Code as HTML: Python with its comments, strings and keywords marked; differences in two colours.

A library would do more, and something else with each version; lessons are tested by comparing this
to the letter. The colours are JupyterLab's own, so they follow its theme. Elsewhere the second
value of each applies, which can be read on a light and on a dark page.
"""

import keyword
import re
from functools import partial
from html import escape as escape_all

escape = partial(escape_all, quote=False)
TOKENS = re.compile(
    rf"""
    (?P<comment> \#[^\n]*)
  | (?P<string> [rbf]*(?:\"\"\".*?\"\"\" | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'))
  | (?P<keyword> \b(?:{"|".join(keyword.kwlist)})\b)
    """,
    re.VERBOSE | re.DOTALL,
)
STYLES = {
    "comment": "color:var(--jp-mirror-editor-comment-color,#6a7f87);font-style:italic",
    "string": "color:var(--jp-mirror-editor-string-color,#c0504d)",
    "keyword": "color:var(--jp-mirror-editor-keyword-color,#2e8b57);font-weight:bold",
    "+": "background:rgba(46,160,67,.18)",
    "-": "background:rgba(248,81,73,.18)",
    "@": "color:var(--jp-content-font-color2,#808890)",
}
PRE = "white-space:pre;overflow-x:auto;line-height:1.35;margin:0"  # Long lines scroll; none wraps.


def python(code: str) -> str:
    """The HTML of Python code."""
    parts, end = [], 0
    for token in TOKENS.finditer(code):
        parts += [escape(code[end : token.start()]), marked(str(token.lastgroup), token[0])]
        end = token.end()
    return block("".join([*parts, escape(code[end:])]))


def difference(lines: str) -> str:
    """The HTML of a unified difference."""
    return block("\n".join(marked(line[:1], line) for line in lines.split("\n")))


def marked(kind: str, text: str) -> str:
    """Some text in the style of its kind, if that has one."""
    style = STYLES.get(kind)
    text = escape(text)
    return f"<span style='{style}'>{text}</span>" if style else text


def block(inner: str) -> str:
    """Preformatted text."""
    return f"<pre style='{PRE}'>{inner}</pre>"
