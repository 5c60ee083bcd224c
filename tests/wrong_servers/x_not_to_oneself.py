"""It refuses a line to oneself, as if one were not online."""

from stages import command, phrases, stage8

STAGE = 8
CAUGHT_BY = "to-oneself"


class User(stage8.User):
    async def tell(self, name_and_text: str) -> None:
        if name_and_text.startswith(f"{self.name}|"):
            await self.answer(phrases.PRIVATE_NO_TARGET)
        else:
            await super().tell(name_and_text)


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
