"""The new name enters the roster, and the old one stays there."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "new-name-is-used"


class User(stage6.User):
    async def rename(self, new: str) -> None:
        before = dict(self.server.online_map)
        await super().rename(new)
        self.server.online_map = before | self.server.online_map


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
