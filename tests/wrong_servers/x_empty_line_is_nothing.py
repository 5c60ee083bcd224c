"""An empty line does not count, though somebody pressed Enter."""

import asyncio

from stages import command, stage7

STAGE = 7
CAUGHT_BY = "lines-are-activity"


class User(stage7.User):
    async def read_line(self) -> str | None:
        line = await super(stage7.User, self).read_line()
        if line:
            self.deadline.reschedule(asyncio.get_running_loop().time() + self.server.idle_timeout)
        return line


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
