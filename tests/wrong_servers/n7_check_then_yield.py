"""Between looking whether a name is free and taking it, others have a turn."""

import asyncio

from stages import command, phrases, stage6

STAGE = 6
CAUGHT_BY = "race-for-a-name"


class User(stage6.User):
    async def rename(self, new: str) -> None:
        if not stage6.valid_name(new):
            await self.answer(phrases.NAME_INVALID)
        elif new in self.server.online_map:
            await self.answer(phrases.NAME_TAKEN)
        else:
            await asyncio.sleep(0)
            old, self.name = self.name, new
            users = self.server.online_map.values()
            self.server.online_map = {user.name: user for user in users}
            await self.answer(phrases.RENAMED.format(old=old, new=new))


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
