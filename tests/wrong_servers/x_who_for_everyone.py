"""The answer is broadcast: everyone reads what one asked."""

from stages import command, phrases, stage5

STAGE = 5
CAUGHT_BY = "who-for-the-asker"


class User(stage5.User):
    async def who(self) -> None:
        for user in self.server.online_map.values():
            for reader in self.server.online_map.values():
                reader.send_message(phrases.IS_ONLINE.format(name=user.name))


class Server(stage5.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
