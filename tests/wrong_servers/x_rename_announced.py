"""Everyone is told of the new name; the protocol tells only who took it."""

from stages import command, phrases, stage6

STAGE = 6
CAUGHT_BY = "renamed"


class User(stage6.User):
    async def rename(self, new: str) -> None:
        old = self.name
        await super().rename(new)
        if self.name != old:
            self.server.broadcast(self, phrases.RENAMED.format(old=old, new=new))


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
