"""When the port is taken it says so on stdout, and ends as if all were well."""

import sys

from stages import command, stage1

STAGE = 1
CAUGHT_BY = "port-in-use"


class Server(stage1.Server):
    async def start(self) -> None:
        try:
            await super().start()
        except OSError as error:
            print("net.Listen err:", error)
            sys.exit(0)


if __name__ == "__main__":
    command.main(Server)
