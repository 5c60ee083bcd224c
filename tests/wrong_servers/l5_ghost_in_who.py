"""Who has left is still listed, though told of as gone."""

from stages import command, phrases, stage4, stage5

STAGE = 5
CAUGHT_BY = "who-after-leaving"


class User(stage5.User):
    async def who(self) -> None:
        await self.answer(*[phrases.IS_ONLINE.format(name=user.name) for user in EVER])

    def online(self) -> None:
        EVER.append(self)
        super().online()

    def offline(self) -> None:
        super().offline()
        if not self.server.online_map:
            EVER.clear()


EVER: list[stage4.User] = []


class Server(stage5.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
