"""Each user has a watcher, which nobody ends: when the limit is past it waits for no time."""

import asyncio

from stages import command, stage7

STAGE = 7
CAUGHT_BY = "leaves-nothing-running"


class User(stage7.User):
    async def converse(self) -> None:
        WATCHERS.append(asyncio.create_task(self.watch()))
        await super().converse()

    async def watch(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + self.server.idle_timeout
        while True:
            await asyncio.sleep(end - loop.time())


WATCHERS: list[asyncio.Task[None]] = []


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
