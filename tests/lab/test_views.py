"""What a notebook shows: the journal as text, table and picture, and the code as it stands."""

import ast
import html
import inspect
import re
import textwrap
import xml.etree.ElementTree as ET

import pytest

from stages import phrases, stage5, stage6
from stages.check.client import END
from stages.check.failure import width
from stages.lab import difference, highlight, method_map, program, source
from stages.lab.diagram import MOST_LANES, MOST_STEPS
from stages.lab.journal import Journal
from stages.lab.reading import chains, pieces

SVG = "{http://www.w3.org/2000/svg}"


def journal(*people: str) -> Journal:
    """A journal in which these people have come, and read about it."""
    story = Journal(owners={f"127.0.0.1:{5000 + n}": label for n, label in enumerate(people)})
    for number, (addr, label) in enumerate(story.owners.items()):
        story.does(label, "connects")
        for other in people[: number + 1]:
            story.reads(other, phrases.SAID.format(addr=addr, name=addr, text=phrases.ONLINE))
    return story


def says(story: Journal, label: str, text: str) -> str:
    (addr,) = [addr for addr, owner in story.owners.items() if owner == label]
    return phrases.SAID.format(addr=addr, name=addr, text=text)


# Steps.


def test_a_line_that_all_read_is_one_step() -> None:
    story = journal("alice", "bob")
    story.sends("alice", "hi")
    for reader in ("alice", "bob"):
        story.reads(reader, says(story, "alice", "hi"))
    assert story.text().splitlines()[-1] == (
        "  6  alice, bob ← [127.0.0.1:alice]127.0.0.1:alice:hi"
    )


def test_the_same_line_read_twice_by_one_is_two_steps() -> None:
    story = journal("alice")
    for _ in range(2):
        story.reads("alice", "again")
    assert len(story.text().splitlines()) == 4


@pytest.mark.parametrize(
    ("deed", "online"),
    [
        (lambda story: story.reads("alice", says(story, "bob", phrases.OFFLINE)), "alice"),
        (lambda story: story.does("bob", "leaves"), "alice"),
        (lambda story: story.does("bob", "vanishes (connection reset)"), "alice"),
        (lambda story: story.reads("bob", END), "alice"),
    ],
)
def test_who_is_online_after_each_step(deed, online: str) -> None:  # type: ignore[no-untyped-def]
    story = journal("alice", "bob")
    deed(story)
    assert story.text().endswith(f"online: {online}")


def test_what_somebody_says_changes_nobodys_being_there() -> None:
    story = journal("alice", "bob")
    story.sends("alice", "下线")
    assert "online" not in story.text().splitlines()[-1]


def test_the_columns_of_the_text_stand_in_line() -> None:
    rows = journal("alice", "bob").text().splitlines()
    places = {width(row[: row.index("online:")]) for row in rows if "online:" in row}
    assert len(places) == 1


def test_the_table_is_safe_html() -> None:
    story = journal("alice")
    story.sends("alice", "<b>&amp;")
    shown = story.table()._repr_html_()
    assert "&lt;b&gt;&amp;amp;" in shown
    assert "<b>" not in shown
    assert ET.fromstring(shown).tag == "table"  # noqa: S314 - our own
    assert repr(story.table()) == story.text()


# The picture.


def picture(story: Journal, title: str = "A title") -> ET.Element:
    return ET.fromstring(story.diagram(title).svg())  # noqa: S314 - our own


def test_the_picture_is_the_same_each_time_and_says_what_its_text_says() -> None:
    story = journal("alice", "bob")
    diagram = story.diagram("<Two> & more")
    assert diagram.svg() == story.diagram("<Two> & more").svg()
    root = picture(story, "<Two> & more")
    assert root.findtext(f"{SVG}title") == "<Two> & more"
    assert root.findtext(f"{SVG}desc") == story.text()
    words = [node.text for node in root.iter(f"{SVG}text")]
    assert {"server", "alice", "bob", "online", "connects"} <= set(words)
    bundle = diagram._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "text/plain"}
    assert bundle["text/plain"] == f"<Two> & more\n\n{story.text()}"


def test_the_picture_has_a_background_and_no_ports() -> None:
    svg = journal("alice").diagram("x").svg()
    assert "fill='#fcfcf7'" in svg
    assert not re.search(r"127\.0\.0\.1:\d", svg)


def test_text_from_others_cannot_leave_its_place() -> None:
    story = journal("alice")
    story.sends("alice", "</text><script>alert(1)</script>\x1b[2J\x00")
    assert not list(picture(story).iter(f"{SVG}script"))


def test_many_people_share_a_lane() -> None:
    root = picture(journal(*[f"user{n}" for n in range(20)]))
    words = [node.text for node in root.iter(f"{SVG}text")]
    assert "others" in words
    assert f"user{MOST_LANES - 2}" in words
    assert f"user{MOST_LANES - 1}" not in words


def test_a_long_story_is_folded() -> None:
    story = journal("alice")
    for number in range(500):
        story.sends("alice", f"line {number}")
    text = repr(story.diagram("long"))
    assert len(text.splitlines()) == MOST_STEPS + 2
    assert "… 443 more steps …" in text
    assert "line 0" in text
    assert "line 499" in text


# The code.


@pytest.mark.parametrize("thing", [stage5.User.who, stage6.valid_name, stage6.Server])
def test_a_quotation_is_what_stands_in_the_file(thing: object) -> None:
    shown = source(thing)
    assert shown.body in textwrap.dedent(inspect.getsource(thing))  # type: ignore[arg-type]
    page = shown._repr_mimebundle_()["text/html"]
    assert html.unescape(re.sub(r"<[^>]*>", "", page)) == shown.body


def test_code_is_shown_with_its_indentation_and_its_words_whole() -> None:
    code = 'async def f(x):  # "a" <b>\n    return "if" + """\n# no comment"""'
    page = highlight.python(code)
    assert page.startswith("<pre style='white-space:pre;")
    marks = re.findall(r"<span style='([^']*)'>([^<]*)</span>", page)
    kinds = {style: kind for kind, style in highlight.STYLES.items()}
    assert [(kinds[style], html.unescape(text)) for style, text in marks] == [
        ("keyword", "async"),
        ("keyword", "def"),
        ("comment", '# "a" <b>'),
        ("keyword", "return"),
        ("string", '"if"'),
        ("string", '"""\n# no comment"""'),
    ]


@pytest.mark.parametrize("stage", range(1, 9))
def test_the_whole_program_has_everything_and_is_python(stage: int) -> None:
    body = str(program(stage))
    ast.parse(body)
    for number in range(1, stage + 1):
        for piece in pieces(number):
            (first, *_) = chains(stage)[piece.owner, piece.name]
            assert textwrap.indent(first.text, "    " if piece.owner else "") in body


def test_a_method_that_extends_another_is_followed_by_it() -> None:
    body = str(program(8))
    assert body.count("async def do_message") == 4
    assert body.count(", extended by the one above") == sum(
        len(chain) - 1 for chain in chains(8).values()
    )


@pytest.mark.parametrize("stage", range(2, 9))
def test_the_difference_leads_from_one_program_to_the_next(stage: int) -> None:
    body = str(difference(stage))
    added = [line[1:] for line in body.splitlines() if line.startswith("+") and line[1:3] != "++"]
    assert added
    assert set(added) <= set(str(program(stage)).splitlines())
    removed = [line[1:] for line in body.splitlines()[2:] if line.startswith("-")]
    assert set(removed) <= set(str(program(stage - 1)).splitlines())


def test_the_map_marks_where_a_method_comes_from() -> None:
    rows = {row.split("|")[1].strip(): row for row in str(method_map()).splitlines()}
    assert rows["`User.who`"].count("●") == 1
    marks = [cell.strip() for cell in rows["`User.do_message`"].split("|")[2:-1]]
    assert marks == ["", "", "", "●", "○", "○", "", "○"]


def test_the_map_is_a_table_of_markdown() -> None:
    shown = method_map()
    assert shown._repr_mimebundle_() == {"text/markdown": str(shown), "text/plain": str(shown)}
