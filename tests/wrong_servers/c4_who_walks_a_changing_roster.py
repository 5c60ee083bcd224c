"""It waits for each line of the answer while it goes through the roster itself."""

from stages import command, phrases, stage5

STAGE = 5
CAUGHT_BY = "who-while-one-stalls"


class User(stage5.User):
    async def who(self) -> None:
        for user in self.server.online_map.values():
            await self.answer(phrases.IS_ONLINE.format(name=user.name))


class Server(stage5.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
