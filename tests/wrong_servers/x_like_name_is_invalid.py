"""It has a wrong answer for a name that differs only in case."""

from stages import command, phrases, stage6

STAGE = 6
CAUGHT_BY = "like-names"


class User(stage6.User):
    async def rename(self, new: str) -> None:
        names = self.server.online_map
        if new not in names and new.lower() in map(str.lower, names):
            await self.answer(phrases.NAME_INVALID)
        else:
            await super().rename(new)


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
