"""It paints its lines red."""

from stages import command, stage2

STAGE = 2
CAUGHT_BY = "own-join-line"


class User(stage2.User):
    def send_message(self, text: str) -> None:
        super().send_message(f"\x1b[31m{text}\x1b[0m")


stage2.User = User  # type: ignore[misc]
Server = stage2.Server


if __name__ == "__main__":
    command.main(Server)
