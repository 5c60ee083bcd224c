"""It says that it listens, whether it could or not."""

from stages import command, phrases, stage1

STAGE = 1
CAUGHT_BY = "port-in-use"


class Server(stage1.Server):
    async def start(self) -> None:
        try:
            await super().start()
        except OSError:
            stage1.log.info(phrases.READY)
            raise


if __name__ == "__main__":
    command.main(Server)
