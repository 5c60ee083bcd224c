"""It kicks when half of the limit has passed."""

from stages import command, stage7

STAGE = 7
CAUGHT_BY = "kicked"


class Server(stage7.Server):
    async def start(self) -> None:
        self.idle_timeout /= 2
        await super().start()


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
