"""What is written to one who has left goes nowhere, and nobody is told."""

from stages import command, stage8

STAGE = 8
CAUGHT_BY = "nobody-of-that-name"


class User(stage8.User):
    async def tell(self, name_and_text: str) -> None:
        if name_and_text.partition("|")[0] not in GONE:
            await super().tell(name_and_text)

    def offline(self) -> None:
        super().offline()
        GONE.add(self.name)

    async def rename(self, new: str) -> None:
        await super().rename(new)
        GONE.discard(self.name)


GONE: set[str] = set()


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
