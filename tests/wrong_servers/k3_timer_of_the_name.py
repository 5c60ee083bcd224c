"""A timer remembers a name, and outlives the user who had it."""

import asyncio

from stages import command, phrases, stage7

STAGE = 7
CAUGHT_BY = "limit-of-the-user"


class User(stage7.User):
    async def rename(self, new: str) -> None:
        await super().rename(new)
        loop = asyncio.get_running_loop()
        late = 1.3 * self.server.idle_timeout  # Not in the way of the kick that is due.
        loop.call_later(late, self.look_at, self.name)

    def look_at(self, name: str) -> None:
        user = self.server.online_map.get(name)
        if user and self.reader.at_eof():
            user.send_message(phrases.KICKED)
            user.writer.close()


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
