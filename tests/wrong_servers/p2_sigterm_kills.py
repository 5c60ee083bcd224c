"""Nobody listens to SIGTERM, so it kills the program in the middle of whatever it does."""

import signal

from stages import command, stage1

STAGE = 1
CAUGHT_BY = "ends-on-sigterm"


class Server(stage1.Server):
    async def start(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        await super().start()


if __name__ == "__main__":
    command.main(Server)
