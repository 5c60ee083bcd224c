"""It waits twice as long as it was told."""

from stages import command, stage7

STAGE = 7
CAUGHT_BY = "kicked"


class Server(stage7.Server):
    def __init__(self, *args: object, idle_timeout: float, **options: object) -> None:
        super().__init__(*args, idle_timeout=idle_timeout * 2, **options)


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
