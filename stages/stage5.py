"""Stage 5: who is online.

`who` is the first line that is a command, and its answer the first that goes to one user alone. An
answer waits until it is on its way: whoever asks without reading the answers slows only themselves.
"""

from stages import command, phrases, stage4


class User(stage4.User):
    """A user who can ask who is online."""

    async def do_message(self, text: str) -> None:
        """Act on one line: `who`, or as before."""
        if text == "who":
            await self.who()
        else:
            await super().do_message(text)

    async def who(self) -> None:
        """Answer with one line per user online, in the order they joined."""
        users = self.server.online_map.values()
        await self.answer(*[phrases.IS_ONLINE.format(name=user.name) for user in users])

    async def answer(self, *lines: str) -> None:
        """Reply to this user's own command, and wait until the reply is on its way."""
        for line in lines:
            self.send_message(line)
        self.flush()
        await self.writer.drain()


class Server(stage4.Server):
    """A room that can be asked who is in it."""

    user_class = User


if __name__ == "__main__":
    command.main(Server)
