"""It takes whoever has the name off the roster, to see whether somebody has it."""

from stages import command, phrases, stage6

STAGE = 6
CAUGHT_BY = "name-taken"


class User(stage6.User):
    async def rename(self, new: str) -> None:
        if self.server.online_map.pop(new, None):
            await self.answer(phrases.NAME_TAKEN)
        else:
            await super().rename(new)


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
