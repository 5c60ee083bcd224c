"""What the notebooks need: rooms, the people in them, and views of what happened and of the code.

A `Room` runs a server in the background and lets people in, who talk to it over real sockets. What
they send and read goes into the room's journal, which draws itself. The reading views show the
stages as they stand in their files. Nothing here prints by itself.

    from stages import stage3
    from stages.lab import Room

    room = Room(stage3.Server)
    alice, bob = room.join("alice", "bob")
    alice.send("hello")
    room.read()
    room.diagram("Two people talk")

`room.py` and `client.py` are the room and one person in it, `background.py` the thread in which the
server runs. `journal.py` keeps the story, `steps.py` and `diagram.py` draw it. `reading.py` shows
code, which `highlight.py` colours. `grading.py` holds a class to the checks. `panel.py` lets people
type; it needs ipywidgets and anywidget, all else only the standard library.
"""

from stages.lab.client import Client
from stages.lab.grading import check
from stages.lab.reading import difference, method_map, program, source
from stages.lab.room import Room

__all__ = ["Client", "Room", "check", "difference", "method_map", "program", "source"]
