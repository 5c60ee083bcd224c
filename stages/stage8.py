"""Stage 8: private chat.

`to|NAME|TEXT` says something to one user alone. It comes from somebody else, so it is sent like any
line from the room and never waits for its reader. What is wrong with a command is told to whoever
sent it: no line may take anything away from anyone else.
"""

from stages import command, phrases, stage7


class User(stage7.User):
    """A user who can talk to one other."""

    async def do_message(self, text: str) -> None:
        """Act on one line: `to|NAME|TEXT`, or as before."""
        if text.startswith("to|"):
            await self.tell(text.removeprefix("to|"))
        else:
            await super().do_message(text)

    async def tell(self, name_and_text: str) -> None:
        """Pass TEXT, bars and all, to the user called NAME."""
        name, bar, text = name_and_text.partition("|")
        target = self.server.online_map.get(name)
        if not name or not bar:
            await self.answer(phrases.PRIVATE_FORMAT)
        elif target is None:
            await self.answer(phrases.PRIVATE_NO_TARGET)
        elif not text:
            await self.answer(phrases.PRIVATE_EMPTY)
        else:
            target.send_message(phrases.PRIVATE.format(sender=self.name, text=text))


class Server(stage7.Server):
    """The whole tutorial: a room with names, time limits and private chat."""

    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=stage7.IDLE_TIMEOUT)
