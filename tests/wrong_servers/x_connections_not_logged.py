"""It logs the first connection, and no other."""

import asyncio

from stages import command, phrases, stage1

STAGE = 1
CAUGHT_BY = "logs"


class Server(stage1.Server):
    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().accept(reader, writer)
        stage1.log.addFilter(lambda record: not self.logged or record.msg != phrases.CONNECTED)
        asyncio.get_running_loop().call_soon(setattr, self, "logged", True)

    logged = False


if __name__ == "__main__":
    command.main(Server)
