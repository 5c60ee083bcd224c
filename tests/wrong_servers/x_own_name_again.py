"""It gives the old name back before it looks whether the new one is free."""

from stages import command, phrases, stage6

STAGE = 6
CAUGHT_BY = "name-taken"


class User(stage6.User):
    async def rename(self, new: str) -> None:
        if new == self.name:
            await self.answer(phrases.RENAMED.format(old=self.name, new=new))
        else:
            await super().rename(new)


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
