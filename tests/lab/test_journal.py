"""Steps, text and table: who read what together, and who was there, said by nothing but events."""

import xml.etree.ElementTree as ET

import pytest

from stages import phrases
from stages.check.client import END
from stages.check.failure import width
from stages.check.transcript import LONGEST
from stages.lab.journal import Journal
from stages.lab.steps import Step, folded, steps_of


def journal(*people: str) -> Journal:
    """An empty journal in which these people are known by an address each."""
    return Journal(owners={f"127.0.0.1:{5000 + n}": label for n, label in enumerate(people)})


def about(story: Journal, label: str, text: str, name: str = "") -> str:
    """The line that everyone reads about somebody."""
    addr = next((addr for addr, owner in story.owners.items() if owner == label), "127.0.0.1:9")
    return phrases.SAID.format(addr=addr, name=name or addr, text=text)


def told(story: Journal) -> list[tuple[str, str]]:
    """Who did each step, and who was there after it."""
    return [(" ".join(step.actors), " ".join(step.online)) for step in steps_of(story)]


def all_read(story: Journal, readers: str, line: str) -> None:
    for reader in readers.split():
        story.reads(reader, line)


# What is one step.


def test_a_broadcast_is_one_step_and_its_readers_stand_in_order() -> None:
    story = journal("alice", "bob", "carol")
    all_read(story, "bob alice carol", about(story, "alice", "hi"))
    assert steps_of(story) == [
        Step("reads", ("bob", "alice", "carol"), "[127.0.0.1:alice]127.0.0.1:alice:hi", ())
    ]


def test_two_broadcasts_of_the_same_words_are_two_steps() -> None:
    story = journal("alice", "bob")
    for _ in range(2):
        all_read(story, "alice bob", about(story, "alice", "hi"))
    assert [who for who, _ in told(story)] == ["alice bob", "alice bob"]


def test_one_reads_all_and_then_another_does() -> None:
    story = journal("alice", "bob")
    for reader in ("alice", "bob"):
        story.reads(reader, "one")
        story.reads(reader, "two")
    assert [who for who, _ in told(story)] == ["alice", "alice", "bob", "bob"]


def test_what_comes_between_two_readers_keeps_them_apart() -> None:
    story = journal("alice", "bob")
    story.reads("alice", "hi")
    story.note("some time goes by")
    story.reads("bob", "hi")
    assert [who for who, _ in told(story)] == ["alice", "", "bob"]


def test_the_same_words_said_or_done_by_two_are_two_steps() -> None:
    story = journal("alice", "bob")
    for who in ("alice", "bob"):
        story.does(who, "connects")
    for who in ("alice", "bob"):
        story.sends(who, "hi")
    story.reads("alice", "hi")
    story.sends("bob", "hi")
    assert [who for who, _ in told(story)] == ["alice", "bob", "alice", "bob", "alice", "bob"]


def test_two_long_lines_that_end_differently_are_two_steps() -> None:
    story = journal("alice", "bob")
    story.reads("alice", "x" * LONGEST + "a")
    story.reads("bob", "x" * LONGEST + "b")
    assert [who for who, _ in told(story)] == ["alice", "bob"]


# Who is online.


def test_people_come_one_after_another() -> None:
    story = journal("alice", "bob")
    story.does("alice", "connects")
    story.reads("alice", about(story, "alice", phrases.ONLINE))
    story.does("bob", "connects")
    all_read(story, "bob alice", about(story, "bob", phrases.ONLINE))
    assert told(story) == [
        ("alice", ""),
        ("alice", "alice"),
        ("bob", "alice"),
        ("bob alice", "alice bob"),
    ]


def in_the_room(*people: str) -> Journal:
    """A journal of people who have come, and know about each other."""
    story = journal(*people)
    for who in people:
        all_read(story, " ".join(people), about(story, who, phrases.ONLINE))
    return story


def test_who_leaves_is_gone_at_once_and_the_line_about_it_changes_nothing() -> None:
    story = in_the_room("alice", "bob", "carol")
    story.does("bob", "leaves")
    all_read(story, "alice carol", about(story, "bob", phrases.OFFLINE))
    assert told(story)[-2:] == [("bob", "alice carol"), ("alice carol", "alice carol")]


def test_who_vanishes_is_gone_at_once() -> None:
    story = in_the_room("alice", "bob")
    story.does("alice", "vanishes (connection reset)")
    assert told(story)[-1] == ("alice", "bob")


def test_who_ends_their_input_is_there_until_the_stream_ends() -> None:
    story = in_the_room("alice", "bob")
    story.does("bob", "ends its input")
    story.reads("bob", END)
    assert told(story)[-2:] == [("bob", "alice bob"), ("bob", "alice")]


def test_a_leaving_that_only_half_of_them_heard_of_counts() -> None:
    story = in_the_room("alice", "bob", "carol")
    story.reads("alice", about(story, "carol", phrases.OFFLINE))
    assert told(story)[-1] == ("alice", "alice bob")
    story.sends("bob", "carol?")
    assert told(story)[-1] == ("bob", "alice bob")
    story.reads("bob", about(story, "carol", phrases.OFFLINE))
    assert told(story)[-1] == ("bob", "alice bob")


def test_a_newcomer_of_whom_only_one_has_heard_counts_once() -> None:
    story = journal("alice", "bob")
    story.reads("alice", about(story, "bob", phrases.ONLINE))
    story.note("bob reads late")
    story.reads("bob", about(story, "bob", phrases.ONLINE))
    assert told(story) == [("alice", "bob"), ("", "bob"), ("bob", "bob")]


def test_somebody_who_took_a_name_is_known_by_the_address() -> None:
    story = in_the_room("alice", "bob")
    story.reads("alice", about(story, "bob", phrases.OFFLINE, name="Robert"))
    assert told(story)[-1] == ("alice", "alice")


def test_who_has_a_name_already_does_not_come_but_talks() -> None:
    story = in_the_room("alice")
    story.owners["127.0.0.1:5999"] = "bob"
    story.reads("alice", about(story, "bob", phrases.ONLINE, name="Robert"))
    assert told(story)[-1] == ("alice", "alice")


def test_a_stranger_is_somebody() -> None:
    story = in_the_room("alice")
    story.reads("alice", about(story, "a stranger", phrases.ONLINE))
    assert told(story)[-1] == ("alice", "alice somebody")
    story.reads("alice", about(story, "a stranger", phrases.OFFLINE))
    assert told(story)[-1] == ("alice", "alice")


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        f"he said {phrases.ONLINE}",
        f"{phrases.ONLINE}?",
        phrases.TOO_LONG,
    ],
)
def test_other_lines_change_nobodys_being_there(text: str) -> None:
    story = in_the_room("alice")
    story.reads("alice", text)
    story.reads("alice", about(story, "bob", text))
    story.reads("alice", phrases.IS_ONLINE.format(name="bob"))
    assert {online for _, online in told(story)} == {"alice"}


def test_what_is_said_in_private_changes_nobodys_being_there() -> None:
    story = in_the_room("alice", "bob")
    for text in (phrases.ONLINE, phrases.OFFLINE):
        story.reads("alice", phrases.PRIVATE.format(sender="127.0.0.1:9", text=text))
    assert {online for _, online in told(story)[2:]} == {"alice bob"}


def test_who_sends_the_word_for_leaving_has_not_left() -> None:
    story = in_the_room("alice")
    story.sends("alice", "leaves")
    story.sends("alice", END + " is near")
    assert told(story)[-1] == ("alice", "alice")


# The text.


def test_text_with_wide_characters_lines_up() -> None:
    story = journal("alice", "bob")
    story.does("alice", "connects, and what is said of it takes more room than any other line")
    story.reads("alice", about(story, "alice", phrases.ONLINE))
    story.note("一二三四五六七八九十，一二三四五六七八九十")
    story.does("alice", "leaves")
    rows = story.text().splitlines()
    columns = [width(row[: row.index("online:")]) for row in rows if "online:" in row]
    assert len(columns) == 2
    assert set(columns) == {width(rows[0]) + 3}


def test_the_widest_line_is_the_one_that_counts_even_if_it_has_fewer_characters() -> None:
    story = journal("alice")
    story.note("一二三四五六七八九十" * 4)
    story.reads("alice", about(story, "alice", phrases.ONLINE))
    first, second = story.text().splitlines()
    assert width(second[: second.index("online:")]) == width(first) + 3


def test_who_is_online_is_said_where_it_changes_and_nowhere_else() -> None:
    story = in_the_room("alice")
    story.sends("alice", "hi")
    story.does("alice", "leaves")
    story.note("it is quiet")
    came, said, left, quiet = story.text().splitlines()
    assert came.endswith("online: alice")
    assert left.endswith("online: nobody")
    assert "online" not in said + quiet


def test_an_empty_journal_is_empty() -> None:
    assert journal().text() == repr(journal()) == repr(journal().table()) == ""


def test_steps_are_numbered() -> None:
    story = journal("alice")
    for _ in range(11):
        story.sends("alice", "hi")
    rows = story.text().splitlines()
    assert (rows[0], rows[10]) == ("  1  alice → hi", " 11  alice → hi")


def test_a_part_of_the_journal_knows_the_same_people() -> None:
    story = in_the_room("alice")
    began = len(story.events)
    story.reads("alice", about(story, "alice", "hi"))
    assert story.since(began).text() == "  1  alice ← [127.0.0.1:alice]127.0.0.1:alice:hi"


# What is too long.


def test_a_story_that_just_fits_is_not_folded() -> None:
    steps = [Step("note", (), str(n), ()) for n in range(6)]
    assert folded(steps, 6) == steps


@pytest.mark.parametrize("most", [5, 6])
def test_of_a_story_too_long_both_ends_are_kept(most: int) -> None:
    steps = [Step("note", (), str(n), ("alice",) * (n == 95)) for n in range(100)]
    shown = folded(steps, most)
    assert len(shown) == most
    assert shown[: most // 2] == steps[: most // 2]
    middle, *tail = shown[most // 2 :]
    assert tail == steps[-len(tail) :]
    assert middle.text == f"… {101 - most} more steps …"


def test_who_came_in_the_part_left_out_is_online_after_it() -> None:
    steps = [Step("note", (), str(n), ("alice",) * (n >= 50)) for n in range(100)]
    assert [step.online for step in folded(steps, 6)] == [()] * 3 + [("alice",)] * 3


# The table.


def cells(story: Journal) -> list[list[str]]:
    """What stands in the table's cells; that it can be parsed shows that it is sound."""
    table = ET.fromstring(story.table()._repr_html_())  # noqa: S314 - our own
    return [["".join(cell.itertext()) for cell in row] for row in table]


def test_a_table_has_a_row_for_each_step() -> None:
    story = in_the_room("alice", "bob")
    story.sends("alice", "hi")
    story.note("nobody answers")
    assert cells(story) == [
        ["step", "who", "", "what", "online"],
        ["1", "alice, bob", "←", "[127.0.0.1:alice]127.0.0.1:alice:已上线", "alice"],
        ["2", "alice, bob", "←", "[127.0.0.1:bob]127.0.0.1:bob:已上线", "alice, bob"],
        ["3", "alice", "→", "hi", "alice, bob"],
        ["4", "", "", "nobody answers", "alice, bob"],
    ]


@pytest.mark.parametrize("text", ["<script>", "a & b", "&lt;", "'\"", "</td></tr>"])
def test_nothing_said_or_called_is_taken_for_html(text: str) -> None:
    story = journal(text)
    story.sends(text, text)
    story.reads(text, about(story, text, phrases.ONLINE))
    address = f"127.0.0.1:{text}"
    assert cells(story)[1:] == [
        ["1", text, "→", text, ""],
        ["2", text, "←", f"[{address}]{address}:已上线", text],
    ]
