"""It says the names of a rename in the wrong order."""

from stages import command, phrases, stage6

STAGE = 6
CAUGHT_BY = "renamed"


class User(stage6.User):
    async def answer(self, *lines: str) -> None:
        if lines[0].startswith(DONE):
            old, arrow, new = lines[0].removeprefix(DONE).partition("->")
            await super().answer(DONE + new + arrow + old)
        else:
            await super().answer(*lines)


DONE = phrases.RENAMED.partition("[")[0]


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
