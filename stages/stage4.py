"""Stage 4: the user's own rules.

Nothing changes on the wire. What a user does (come, talk, leave) moves from the server into the
user: `online`, `do_message`, `offline`. The server is left with connections and the roster, and
every feature from here on is a few lines in one of those verbs, which a test can call without a
socket.
"""

import asyncio

from stages import command, phrases, stage3


class User(stage3.User):
    """A user who knows the room and what to do in it."""

    def __init__(
        self, server: "Server", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        super().__init__(reader, writer)
        self.server = server

    def online(self) -> None:
        """Enter the roster, then tell everyone, oneself included."""
        self.server.online_map[self.name] = self
        self.server.broadcast(self, phrases.ONLINE)

    def offline(self) -> None:
        """Leave the roster, then tell everyone who is still there."""
        self.server.online_map.pop(self.name, None)
        self.server.broadcast(self, phrases.OFFLINE)

    async def converse(self) -> None:
        """Act on every line until there are no more."""
        while (line := await self.read_line()) is not None:
            if line:
                await self.do_message(line)

    async def do_message(self, text: str) -> None:
        """Act on one line: say it to everyone."""
        self.server.broadcast(self, text)


class Server(stage3.Server):
    """Serves whatever kind of user a stage defines."""

    user_class: type[User] = User

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A user's visit, told in the user's own verbs."""
        user = self.user_class(self, reader, writer)
        user.online()
        try:
            await user.converse()
        finally:
            user.offline()
            user.goodbye()


if __name__ == "__main__":
    command.main(Server)
