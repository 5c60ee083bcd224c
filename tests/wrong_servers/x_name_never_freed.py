"""A list of names in use, from which nothing is ever taken."""

from typing import ClassVar

from stages import command, phrases, stage6

STAGE = 6
CAUGHT_BY = "name-is-freed"


class User(stage6.User):
    used: ClassVar[set[str]] = set()

    async def rename(self, new: str) -> None:
        if new in self.used and new != self.name:
            await self.answer(phrases.NAME_TAKEN)
        else:
            await super().rename(new)
            self.used.add(self.name)


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
