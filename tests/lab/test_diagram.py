"""The picture: sound XML, the same for the same story, and everything in it stands in its place."""

import re
import xml.etree.ElementTree as ET

import pytest

from stages import phrases
from stages.check.failure import width
from stages.lab.diagram import CHARACTER, LANE, MOST_LANES, MOST_STEPS, SERVER, Diagram
from stages.lab.journal import Journal
from stages.lab.steps import Step

SVG = "{http://www.w3.org/2000/svg}"
ONLINE_BAR = "#cfe3d8"


def journal(*people: str) -> Journal:
    """A journal in which these people have come, and read about it."""
    story = Journal(owners={f"127.0.0.1:{5000 + n}": label for n, label in enumerate(people)})
    for addr, label in story.owners.items():
        story.does(label, "connects")
        for other in people[: people.index(label) + 1]:
            story.reads(other, phrases.SAID.format(addr=addr, name=addr, text=phrases.ONLINE))
    return story


def drawn(diagram: Diagram) -> ET.Element:
    return ET.fromstring(diagram.svg())  # noqa: S314 - our own


def words(root: ET.Element) -> list[str]:
    """All that is written in the picture, from top to bottom as it stands in the file."""
    return [node.text or "" for node in root.iter(f"{SVG}text")]


def place(root: ET.Element, word: str) -> float:
    """Where a word stands, from the left."""
    return next(float(node.get("x", "")) for node in root.iter(f"{SVG}text") if node.text == word)


def bars(root: ET.Element) -> list[tuple[float, float]]:
    """The thick parts of lifelines: from the left, and from the top."""
    return [
        (float(node.get("x", "")) + 4, float(node.get("y", "")))
        for node in root.iter(f"{SVG}rect")
        if node.get("fill") == ONLINE_BAR
    ]


# As a file.


@pytest.mark.parametrize("people", [(), ("alice",), tuple(f"user{n}" for n in range(30))])
def test_it_is_sound_and_says_in_words_what_it_shows(people: tuple[str, ...]) -> None:
    story = journal(*people)
    diagram = story.diagram("People come")
    root = drawn(diagram)
    assert root.tag == f"{SVG}svg"
    assert [node.tag for node in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert root.findtext(f"{SVG}title") == "People come"
    assert f"People come\n\n{root.findtext(f'{SVG}desc')}" == repr(diagram)
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"


def test_other_ports_make_no_other_picture() -> None:
    one, other = journal("alice", "bob"), journal("alice", "bob")
    ports = {"5000": "61234", "5001": "7"}
    other.owners = {re.sub(r"\d+$", lambda m: ports[m[0]], a): who for a, who in one.owners.items()}
    other.events.clear()
    for event in one.events:
        text = re.sub(r"\b500[01]\b", lambda m: ports[m[0]], event.text)
        other._add(event.kind, event.actor, text)
    assert one.events != other.events
    assert one.diagram("x").svg().encode() == other.diagram("x").svg().encode()


def test_no_port_is_shown_not_even_a_strangers() -> None:
    story = journal("alice")
    story.reads("alice", "[127.0.0.1:41234] is online")
    svg = story.diagram("x").svg()
    assert not re.search(r"127\.0\.0\.1:\d", svg)
    assert "[127.0.0.1:?] is online" in svg


@pytest.mark.parametrize("text", ["<&>", "</text>", "]]>", "&amp;", "\"'", "<!-- -->"])
def test_what_people_say_and_are_called_is_text(text: str) -> None:
    story = Journal()
    story.note(text)
    story.sends(text, text)
    root = drawn(story.diagram(text))
    assert root.findtext(f"{SVG}title") == text
    assert words(root).count(text) == 4  # The title, the name, the note, and what was said.
    assert {node.tag for node in root} <= {
        f"{SVG}{tag}" for tag in ("title", "desc", "rect", "text", "path", "circle")
    }


@pytest.mark.parametrize("text", ["\x00", "\x1b[2J", "\ufffe", "\ud800", "\u202e", "\r"])
def test_what_no_xml_may_hold_is_written_out(text: str) -> None:
    story = journal("alice")
    story.sends("alice", f"a{text}b")
    (said,) = (word for word in words(drawn(story.diagram("x"))) if word[:1] + word[-1:] == "ab")
    assert said.isprintable()


def test_a_notebook_gets_a_picture_and_a_text() -> None:
    diagram = journal("alice").diagram("x")
    shown = diagram._repr_mimebundle_(include=None, exclude=None)
    assert shown == {"image/svg+xml": diagram.svg(), "text/plain": repr(diagram)}


# What is drawn.


LEFT = Diagram("x", []).left  # Where the server stands, if those who are online are "nobody".


def test_people_stand_as_they_came_at_the_right_of_the_server() -> None:
    diagram = journal("carol", "alice", "bob").diagram("x")
    lanes = [place(drawn(diagram), who) for who in (SERVER, "carol", "alice", "bob")]
    assert lanes == [diagram.left + LANE * n for n in range(4)]


def test_an_arrow_goes_to_the_server_and_comes_from_it() -> None:
    for kind, tip, back in (("sends", LEFT, LEFT + 9), ("reads", LEFT + LANE, LEFT + LANE - 9)):
        svg = Diagram("x", [Step(kind, ("alice",), "hi", ())]).svg()  # type: ignore[arg-type]
        (head,) = re.findall(r"M(\d+) \d+L(\d+) \d+V\d+Z", svg)
        assert head == (str(tip), str(back))


def test_a_broadcast_is_one_line_with_a_head_at_each_reader() -> None:
    svg = Diagram("x", [Step("reads", ("bob", "alice", "carol"), "hi", ())]).svg()
    heads = re.findall(r"M(\d+) \d+L\d+ \d+V\d+Z", svg)
    assert heads == [str(LEFT + LANE * n) for n in (1, 2, 3)]
    assert re.findall(r"M(\d+) \d+H(\d+)", svg) == [(str(LEFT), str(LEFT + 3 * LANE))]
    assert words(drawn(Diagram("x", [Step("reads", ("bob", "alice"), "hi", ())]))).count("hi") == 1


def test_what_the_server_does_stands_at_the_server() -> None:
    root = drawn(Diagram("x", [Step("does", (SERVER,), "fails: KeyError", ())]))
    (dot,) = root.iter(f"{SVG}circle")
    assert dot.get("cx") == str(LEFT)
    assert words(root).count(SERVER) == 1


def test_a_lifeline_is_thick_while_its_owner_is_online() -> None:
    here, gone = ("alice",), ()
    steps = [Step("does", ("alice",), "…", online) for online in (gone, here, here, gone, here)]
    tops = [top for _, top in bars(drawn(Diagram("x", steps)))]
    first = tops[0]
    assert [round((top - first) / 38) for top in tops] == [0, 1, 3]
    assert {left for left, _ in bars(drawn(Diagram("x", steps)))} == {LEFT + LANE}  # "nobody"


def test_who_is_online_is_written_where_it_changes() -> None:
    rounds = [(), ("alice",), ("alice",), ("alice", "bob"), ()]
    root = drawn(Diagram("x", [Step("note", (), "…", online) for online in rounds]))
    at = place(root, "online")
    column = [node.text for node in root.iter(f"{SVG}text") if float(node.get("x", "")) == at]
    assert column == ["x", "online", "alice", "alice, bob", "nobody"]


def test_many_who_are_online_are_counted_in_a_narrow_column() -> None:
    four = ("alice", "bob", "carol", "dave")
    root = drawn(Diagram("x", [Step("note", (), "…", four[:3]), Step("note", (), "…", four)]))
    assert {"alice, bob, carol", "4 people"} <= set(words(root))


def test_nine_people_have_a_lane_each_and_more_share_one() -> None:
    nine = journal(*[f"user{n}" for n in range(MOST_LANES)]).diagram("x")
    assert list(nine.lanes) == [SERVER, *[f"user{n}" for n in range(MOST_LANES)]]
    ten = journal(*[f"user{n}" for n in range(MOST_LANES + 1)]).diagram("x")
    assert list(ten.lanes) == [SERVER, *[f"user{n}" for n in range(MOST_LANES - 1)], "others"]
    assert len(ten.lanes) == len(nine.lanes)


def test_those_who_share_a_lane_have_one_head_for_all() -> None:
    people = [f"user{n}" for n in range(12)]
    steps = [Step("note", (), "", ()), Step("reads", tuple(people), "hi", ())]
    svg = Diagram("x", steps).svg()
    heads = re.findall(r"M(\d+) \d+L\d+ \d+V\d+Z", svg)
    assert heads == [str(LEFT + LANE * n) for n in range(1, MOST_LANES + 1)]


@pytest.mark.parametrize(("count", "shown"), [(59, 59), (60, 60), (61, 60), (5000, 60)])
def test_a_picture_has_at_most_sixty_rows(count: int, shown: int) -> None:
    assert MOST_STEPS == 60
    steps = [Step("sends", ("alice",), f"line {n}", ()) for n in range(count)]
    said = [word for word in words(drawn(Diagram("x", steps))) if word.startswith(("line", "…"))]
    assert len(said) == shown
    assert (said[0], said[-1]) == ("line 0", f"line {count - 1}")
    left_out = [word for word in said if word.startswith("…")]
    assert left_out == ([f"… {count - 59} more steps …"] if count > 60 else [])


# Everything is within the paper, and nothing on top of anything else.


def test_long_captions_make_a_wide_picture() -> None:
    caption = "一二三四五六七八九十" * 8
    root = drawn(Diagram("x", [Step("sends", ("alice",), caption, ("alice",))]))
    assert float(root.get("width", "")) > place(root, caption) + CHARACTER * width(caption)


def test_what_somebody_does_does_not_reach_beyond_the_paper() -> None:
    deed = "connects, and reads nothing"
    root = drawn(Diagram("x", [Step("does", ("alice",), deed, ("alice",))]))
    assert float(root.get("width", "")) > place(root, deed) + CHARACTER * width(deed)


def test_the_names_of_those_online_do_not_reach_the_server() -> None:
    diagram = Diagram("x", [Step("note", (), "…", ("a-rather-long-name", "another-long-name"))])
    root = drawn(diagram)
    (names,) = (word for word in words(root) if "rather" in word)
    assert place(root, names) + CHARACTER * width(names) < diagram.left - CHARACTER * 3


def test_a_long_title_makes_a_wide_picture() -> None:
    title = "Everybody leaves at once, and the server has to tell those who stay"
    root = drawn(journal("alice").diagram(title))
    assert float(root.get("width", "")) > place(root, title) + 7 * width(title)


def test_the_last_bar_ends_on_the_paper() -> None:
    root = drawn(journal("alice").diagram("x"))
    ends = [
        float(node.get("y", "")) + float(node.get("height", ""))
        for node in root.iter(f"{SVG}rect")
        if node.get("fill") == ONLINE_BAR
    ]
    assert max(ends) <= float(root.get("height", ""))


def test_the_shared_lane_is_thick_while_one_of_them_is_online() -> None:
    diagram = journal(*[f"user{n}" for n in range(12)]).diagram("x")
    assert diagram.lanes["others"] in {left for left, _ in bars(drawn(diagram))}
