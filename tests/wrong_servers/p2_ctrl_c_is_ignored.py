"""Only SIGTERM ends it."""

import signal

from stages import command, stage1

STAGE = 1
CAUGHT_BY = "ends-on-sigint"


class Server(stage1.Server):
    async def start(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        await super().start()


if __name__ == "__main__":
    command.main(Server)
