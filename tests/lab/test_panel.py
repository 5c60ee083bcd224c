"""The live panel shows a person all that they read, from the line after their own join line on."""

import asyncio
import threading

import pytest

from stages import stage1
from stages.check.client import END
from stages.lab import Room
from stages.lab.panel import Panel

LONG = 10.0  # Seconds for what has to happen.


class Greets(stage1.Server):
    """A server whose first lines come in one piece."""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say three things at once, and the last of them later."""
        writer.write(b"welcome\nto the\nro")
        await reader.readline()
        writer.write(b"om\n")


def wait_for_the_end(label: str) -> None:
    """Return when the thread that listens for a person has ended."""
    for thread in threading.enumerate():
        if thread.name == label:
            thread.join(LONG)
            assert not thread.is_alive()


def test_what_came_together_with_the_first_line_is_shown_too() -> None:
    with Room(Greets) as room:
        panel = Panel(room, "alice")
        (column,) = panel.columns
        column._typed(None, {"text": "hello"}, None)
        wait_for_the_end("alice")
        read = [event.text for event in room.journal.events if event.kind == "reads"]
    assert read == ["welcome", "to the", "room", END]
    for line in read:
        assert line in column.seen.value
    assert column.field.disabled


def test_what_is_typed_is_said_and_a_closed_room_is_told() -> None:
    room = Room(Greets)
    (column,) = Panel(room, "alice").columns
    room.close()
    wait_for_the_end("alice")
    column._typed(None, {"text": "anybody?"}, None)
    assert room.journal.events[-1].text == "cannot say anything more"


@pytest.mark.parametrize("text", ["<b>bold</b>", "a & b"])
def test_what_people_say_is_text_and_never_a_page(text: str) -> None:
    with Room(Greets) as room:
        (column,) = Panel(room, "alice").columns
        room.journal.reads("alice", text)
        column.show()
    assert text not in column.seen.value
