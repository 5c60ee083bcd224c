"""It keeps its log in a buffer: whoever waits for the first line waits in vain."""

import logging.handlers

from stages import command, stage1

STAGE = 1
CAUGHT_BY = "logs"


class Server(stage1.Server):
    async def start(self) -> None:
        printing = stage1.log.handlers[0]
        stage1.log.handlers[0] = logging.handlers.MemoryHandler(1000, target=printing)
        await super().start()


if __name__ == "__main__":
    command.main(Server)
