"""Nobody is called so, and nobody says so."""

from stages import command, phrases, stage8

STAGE = 8
CAUGHT_BY = "names-of-today"


class User(stage8.User):
    async def answer(self, *lines: str) -> None:
        if lines != (phrases.PRIVATE_NO_TARGET,):
            await super().answer(*lines)


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
