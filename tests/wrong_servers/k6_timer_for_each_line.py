"""Every line starts a timer, and none is cancelled."""

import asyncio

from stages import command, stage7

STAGE = 7
CAUGHT_BY = "many-lines-cost-nothing"


class User(stage7.User):
    async def read_line(self) -> str | None:
        asyncio.get_running_loop().call_later(self.server.idle_timeout, lambda: self.name)
        return await super().read_line()


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
