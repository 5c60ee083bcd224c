"""Every read moves the limit, not every line."""

import asyncio

from stages import command, stage7

STAGE = 7
CAUGHT_BY = "half-a-line-is-no-activity"


class User(stage7.User):
    async def read_line(self) -> str | None:
        while b"\n" not in self.unread and not self.reader.at_eof() and len(self.unread) < 4096:
            self.unread += await self.reader.read(4096)
            self.deadline.reschedule(asyncio.get_running_loop().time() + self.server.idle_timeout)
        return await super().read_line()


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
