"""It closes the connection and does not say why."""

import asyncio
import contextlib

from stages import command, stage7

STAGE = 7
CAUGHT_BY = "kicked"


class User(stage7.User):
    async def converse(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.server.idle_timeout) as self.deadline:
                await super(stage7.User, self).converse()


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
