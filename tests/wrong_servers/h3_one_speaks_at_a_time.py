"""Only one may speak at a time, and the turn ends when the speaker's own line is on its way."""

import asyncio

from stages import command, stage4

STAGE = 4
CAUGHT_BY = "talks-and-never-reads"


class User(stage4.User):
    async def do_message(self, text: str) -> None:
        async with TURN:
            await super().do_message(text)
            self.flush()
            await self.writer.drain()


TURN = asyncio.Lock()


class Server(stage4.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
