"""It gives others a turn while it goes through the roster."""

import asyncio

from stages import command, phrases, stage5

STAGE = 5
CAUGHT_BY = "who-while-the-roster-changes"


class User(stage5.User):
    async def who(self) -> None:
        for user in self.server.online_map.values():
            self.send_message(phrases.IS_ONLINE.format(name=user.name))
            await asyncio.sleep(0)


class Server(stage5.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
