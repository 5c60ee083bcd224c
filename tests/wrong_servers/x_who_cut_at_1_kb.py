"""It writes the list into a buffer of 1 KB."""

from stages import command, phrases, stage5

STAGE = 5
CAUGHT_BY = "long-answer"


class User(stage5.User):
    async def who(self) -> None:
        users = self.server.online_map.values()
        lines = [phrases.IS_ONLINE.format(name=user.name) for user in users]
        await self.answer("\n".join(lines)[:1023])


class Server(stage5.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
