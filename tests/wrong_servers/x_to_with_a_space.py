"""`to bob hi` is a command as well."""

from stages import command, stage8

STAGE = 8
CAUGHT_BY = "not-quite-to"


class User(stage8.User):
    async def do_message(self, text: str) -> None:
        if text.startswith("to "):
            await self.tell(text.removeprefix("to ").replace(" ", "|", 1))
        else:
            await super().do_message(text)


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
