"""It holds the lock of the roster while it waits for the asker to read."""

import asyncio

from stages import command, stage5

STAGE = 5
CAUGHT_BY = "who-without-reading"


class User(stage5.User):
    async def do_message(self, text: str) -> None:
        async with LOCK:
            await super().do_message(text)


LOCK = asyncio.Lock()


class Server(stage5.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
