"""A private line is signed with the sender's address, whatever they are called."""

from stages import command, stage8

STAGE = 8
CAUGHT_BY = "names-of-today"


class User(stage8.User):
    async def tell(self, name_and_text: str) -> None:
        name, self.name = self.name, self.addr
        await super().tell(name_and_text)
        self.name = name


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
