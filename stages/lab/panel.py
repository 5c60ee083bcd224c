"""Several people in one notebook, each with a field to type in and all that they read above it.

Every person has a real connection to the room's server. A thread for each waits for lines; what was
typed and read goes into the room's journal, and what you see is the journal, seen by one person.
"""

import html
import threading

import anywidget
import ipywidgets
import traitlets

from stages.check.client import CHUNK, END
from stages.check.failure import Failure
from stages.check.transcript import SIGNS
from stages.lab.client import Client
from stages.lab.room import Room

BOX = "height:14em; overflow-y:auto; border:1px solid #8a94a0; padding:4px; font-family:monospace;"
BOX += " white-space:pre-wrap; overflow-wrap:anywhere; line-height:1.35"


class Field(anywidget.AnyWidget):
    """A field to type in. Each Enter sends `{"text": what stood in it}` and empties the field.

    The text travels with the event: ipywidgets' own field sends both apart, and a line that is
    typed fast lost its end. An Enter that only ends the input of a Chinese character sends nothing.
    """

    _esm = """
    function render({ model, el }) {
      const field = document.createElement("input");
      field.type = "text";
      field.placeholder = field.ariaLabel = model.get("placeholder");
      const show_state = () => { field.disabled = model.get("disabled"); };
      show_state();
      model.on("change:disabled", show_state);
      field.addEventListener("keydown", (event) => {
        event.stopPropagation();
        if (event.key === "Enter" && !event.isComposing) {
          model.send({ text: field.value });
          field.value = "";
        }
      });
      el.classList.add("im-field");
      el.append(field);
    }
    export default { render };
    """
    _css = """
    .im-field { width: 100%; }
    .im-field input {
      box-sizing: border-box; width: 100%; padding: 4px 6px; border: 1px solid #8a94a0;
      font: inherit; color: inherit; background: transparent;
    }
    """
    placeholder = traitlets.Unicode().tag(sync=True)
    disabled = traitlets.Bool(default_value=False).tag(sync=True)


class Panel:
    """People side by side who can talk: `Panel(room, "alice", "bob")` lets them join `room`."""

    def __init__(self, room: Room, *labels: str) -> None:
        room.join(*labels)
        self.columns = [Column(room, room.people[label]) for label in labels]
        self.widget = ipywidgets.HBox(
            [column.widget for column in self.columns],
            layout=ipywidgets.Layout(flex_flow="row wrap"),
        )

    def __repr__(self) -> str:
        names = ", ".join(column.client.label for column in self.columns)
        return f"A panel in which {names} can talk: run the cell to see it."

    def _repr_mimebundle_(self, **options: object) -> dict[str, object]:
        bundle: dict[str, object] = self.widget._repr_mimebundle_(**options)
        return {**bundle, "text/plain": repr(self)}


class Column:
    """One person: what they typed and read, and the field in which they type."""

    def __init__(self, room: Room, client: Client) -> None:
        self.journal = room.journal
        self.client = client
        self.seen = ipywidgets.HTML()
        self.field = Field(placeholder=f"{client.label} says …, then Enter")
        self.field.on_msg(self._typed)
        name = ipywidgets.HTML(f"<b>{html.escape(client.label)}</b>")
        self.widget = ipywidgets.VBox(
            [name, self.seen, self.field], layout=ipywidgets.Layout(flex="1 1 15em", min_width="0")
        )
        self.show()
        threading.Thread(target=self._listen, name=client.label, daemon=True).start()

    def show(self) -> None:
        """Show the journal as this person knows it."""
        lines = [
            f"{SIGNS[event.kind].strip()}\N{NO-BREAK SPACE}{self.journal.show(event.text)}"
            for event in self.journal.events.copy()
            if event.actor == self.client.label and event.kind in ("sends", "reads")
        ]
        # The box is turned upside down so that it stays at its end when a line comes.
        text = html.escape("\n".join(lines))
        box = f"{BOX}; display:flex; flex-direction:column-reverse"
        self.seen.value = f"<div style='{box}'><div>{text}</div></div>"

    def _typed(self, _: object, content: dict[str, object], __: object) -> None:
        """Say the line that Enter has ended."""
        try:
            self.client.send(str(content["text"]))
        except Failure:
            self.journal.does(self.client.label, "cannot say anything more")
        self.show()

    def _listen(self) -> None:
        """Take what comes, until the end of the stream."""
        unread = b""
        chunk = self.client.unread or self._receive()  # What came together with the own join line.
        while chunk:
            *lines, unread = (unread + chunk).split(b"\n")
            for line in lines:
                self.journal.reads(self.client.label, line.decode(errors="replace"))
            self.show()
            chunk = self._receive()
        self.journal.reads(self.client.label, END)
        self.field.disabled = True
        self.show()

    def _receive(self) -> bytes:
        """Wait for bytes, however long; none come at the end, or when the room is closed."""
        while True:
            try:
                return self.client.sock.recv(CHUNK)
            except TimeoutError:  # The socket is shared with `send`, which has a deadline.
                continue
            except OSError:
                return b""
