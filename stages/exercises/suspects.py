"""Servers with one mistake each, for learners to catch with checks of their own.

A suspect is a stage with one piece of its code replaced, so it differs from the right one in that
and in nothing else.
"""

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from stages.lab.room import Server


@dataclass(frozen=True)
class Suspect:
    """What is wrong with it, in words, and the piece of code that makes it so."""

    mistake: str
    right: str
    wrong: str

    def server(self, stage: int) -> Callable[..., Server]:
        """The server class of this stage with the mistake in it."""
        source = inspect.getsource(import_module(f"stages.stage{stage}"))
        if source.count(self.right) != 1:
            raise ValueError(f"stage {stage} does not have this once: {self.right}")
        module = types.ModuleType("suspect")
        exec(compile(source.replace(self.right, self.wrong), "<suspect>", "exec"), module.__dict__)  # noqa: S102
        server_class: Callable[..., Server] = module.Server
        return server_class


SUSPECTS = {
    3: (
        Suspect(
            "takes what one read brings for a line, finished or not",
            r'while b"\n" not in self.unread and len(self.unread) <= MAX_LINE:',
            "while not self.unread:",
        ),
        Suspect(
            "forgets what came together with a line, after it",
            r'line, newline, self.unread = self.unread.partition(b"\n")',
            r'(line, newline, _), self.unread = self.unread.partition(b"\n"), b""',
        ),
        Suspect(
            "decodes each read by itself, though it may end within a character",
            "self.unread += chunk",
            'self.unread += chunk.decode(errors="replace").encode()',
        ),
        Suspect(
            "passes the carriage return on",
            r'line.removesuffix(b"\r")',
            "line",
        ),
        Suspect(
            "says empty lines, too",
            "                if line:\n                    self.broadcast(user, line)",
            "                self.broadcast(user, line)",
        ),
        Suspect(
            "tells nobody that somebody has left",
            "self.broadcast(user, phrases.OFFLINE)",
            "pass",
        ),
    ),
    5: (
        Suspect(
            "answers everyone, not only the one who asked",
            "await self.answer(*[phrases.IS_ONLINE.format(name=user.name) for user in users])",
            "[other.send_message(phrases.IS_ONLINE.format(name=user.name))"
            " for user in users for other in users]",
        ),
        Suspect(
            "leaves out the one who asked",
            "for user in users])",
            "for user in users if user is not self])",
        ),
        Suspect(
            "lists those who came last first",
            "users = self.server.online_map.values()",
            "users = list(reversed(self.server.online_map.values()))",
        ),
        Suspect(
            "does not care about spaces around the command",
            'if text == "who":',
            'if text.strip() == "who":',
        ),
        Suspect(
            "does not care about upper and lower case",
            'if text == "who":',
            'if text.lower() == "who":',
        ),
        Suspect(
            "takes every line that begins with `who` for the command",
            'if text == "who":',
            'if text.startswith("who"):',
        ),
    ),
    6: (
        Suspect(
            "gives away a name that somebody has",
            "elif new in self.server.online_map:",
            "elif False:",
        ),
        Suspect(
            "never gives up the old name",
            "self.server.online_map = {user.name: user for user in users}",
            "self.server.online_map = {**self.server.online_map, new: self}",
        ),
        Suspect(
            "moves whoever is renamed to the end of the list",
            "self.server.online_map = {user.name: user for user in users}",
            "self.server.online_map = "
            "{user.name: user for user in sorted(users, key=lambda user: user is self)}",
        ),
        Suspect(
            "lets bars and spaces into a name",
            'char in "|[]" or char.isspace() or unicodedata.category(char) in ("Cc", "Cf")',
            'unicodedata.category(char) in ("Cc", "Cf")',
        ),
        Suspect(
            "lets somebody be called by an address",
            "        and not is_address(name)\n",
            "",
        ),
        Suspect(
            "does not care how long a name is",
            "1 <= len(name) <= MAX_NAME",
            "1 <= len(name)",
        ),
    ),
    8: (
        Suspect(
            "does not miss the second bar",
            "if not name or not bar:",
            "if not name:",
        ),
        Suspect(
            "loses what stands after a bar in the text",
            'name, bar, text = name_and_text.partition("|")',
            '(name, bar, text) = [*name_and_text.split("|"), "", ""][0], "|" in name_and_text, '
            '[*name_and_text.split("|"), "", ""][1]',
        ),
        Suspect(
            "sends it to everyone",
            "            target.send_message(",
            "            for target in self.server.online_map.values(): target.send_message(",
        ),
        Suspect(
            "calls the sender by the address, not by the name",
            "sender=self.name",
            "sender=self.addr",
        ),
        Suspect(
            "does not care about upper and lower case",
            'if text.startswith("to|"):\n            await self.tell(text.removeprefix("to|"))',
            'if text.lower().startswith("to|"):\n            await self.tell(text[3:])',
        ),
        Suspect(
            "delivers an empty text",
            "elif not text:",
            "elif False:",
        ),
    ),
}
