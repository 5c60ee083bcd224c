"""It says that it listens, and does so half a second later."""

import asyncio

from stages import command, phrases, stage1

STAGE = 1
CAUGHT_BY = "logs"


class Server(stage1.Server):
    async def start(self) -> None:
        stage1.log.info(phrases.READY)
        await asyncio.sleep(0.5)
        await super().start()


if __name__ == "__main__":
    command.main(Server)
