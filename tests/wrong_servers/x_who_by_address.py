"""The list is sorted by address."""

from stages import command, phrases, stage5

STAGE = 5
CAUGHT_BY = "who-in-join-order"


class User(stage5.User):
    async def who(self) -> None:
        users = sorted(self.server.online_map.values(), key=lambda user: user.addr)
        await self.answer(*[phrases.IS_ONLINE.format(name=user.name) for user in users])


class Server(stage5.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
