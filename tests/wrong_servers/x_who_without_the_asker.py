"""The list leaves out who asks."""

from stages import command, phrases, stage5

STAGE = 5
CAUGHT_BY = "who-alone"


class User(stage5.User):
    async def who(self) -> None:
        for user in self.server.online_map.values():
            if user is not self:
                await self.answer(phrases.IS_ONLINE.format(name=user.name))


class Server(stage5.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
