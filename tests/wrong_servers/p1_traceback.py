"""It lets the error end the program: a traceback of many lines."""

from stages import command, stage1

STAGE = 1
CAUGHT_BY = "port-in-use"


class Server(stage1.Server):
    async def start(self) -> None:
        try:
            await super().start()
        except OSError as error:
            raise RuntimeError(error) from error


if __name__ == "__main__":
    command.main(Server)
