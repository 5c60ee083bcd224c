"""It waits until the kicked user has read why. One who does not read is never gone."""

from stages import command, stage7

STAGE = 7
CAUGHT_BY = "stalled-and-idle"


class User(stage7.User):
    async def converse(self) -> None:
        await super().converse()
        self.flush()
        await self.writer.drain()


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
