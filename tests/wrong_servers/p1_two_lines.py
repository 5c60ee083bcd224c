"""It says in two lines what is wrong."""

import sys

from stages import command, stage1

STAGE = 1
CAUGHT_BY = "port-in-use"


class Server(stage1.Server):
    async def start(self) -> None:
        try:
            await super().start()
        except OSError as error:
            print("something went wrong:", error, file=sys.stderr)
            raise


if __name__ == "__main__":
    command.main(Server)
