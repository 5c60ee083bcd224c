"""It makes the new roster, lets others have a turn, and puts it in place: theirs is lost."""

import asyncio

from stages import command, phrases, stage6

STAGE = 6
CAUGHT_BY = "rename-storm"


class User(stage6.User):
    async def rename(self, new: str) -> None:
        if new in TAKEN:
            await self.answer(phrases.NAME_TAKEN)
            return
        if not stage6.valid_name(new) or new in self.server.online_map:
            await super().rename(new)
            return
        TAKEN.add(new)
        names = {user: name for name, user in self.server.online_map.items()}
        await asyncio.sleep(0)
        old, self.name = self.name, new
        TAKEN.discard(old)
        self.server.online_map = {
            (new if user is self else name): user for user, name in names.items()
        }
        await self.answer(phrases.RENAMED.format(old=old, new=new))

    async def who(self) -> None:
        names = self.server.online_map
        await self.answer(*[phrases.IS_ONLINE.format(name=name) for name in names])

    def offline(self) -> None:
        users = self.server.online_map.items()
        self.server.online_map = {name: user for name, user in users if user is not self}
        TAKEN.discard(self.name)
        self.server.broadcast(self, phrases.OFFLINE)


TAKEN: set[str] = set()


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
