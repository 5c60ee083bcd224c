"""A rename waits until all have read what was said before it. A kick comes in between."""

import asyncio

from stages import command, phrases, stage6, stage7

STAGE = 7
CAUGHT_BY = "kicked-while-renaming"


class User(stage7.User):
    async def rename(self, new: str) -> None:
        users = list(self.server.online_map.values())
        if not stage6.valid_name(new):
            await self.answer(phrases.NAME_INVALID)
        elif new in [user.name for user in users]:
            await self.answer(phrases.NAME_TAKEN)
        else:
            old, self.name = self.name, new
            for user in users:
                while user.outbox or user.writer.transport.get_write_buffer_size():
                    await asyncio.sleep(0.01)
            self.server.online_map = {user.name: user for user in self.server.online_map.values()}
            await self.answer(phrases.RENAMED.format(old=old, new=new))


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
