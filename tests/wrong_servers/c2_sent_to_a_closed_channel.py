"""A kick closes the user's channel first; who is kicked at that moment too speaks into it."""

import asyncio

from stages import command, stage7

STAGE = 7
CAUGHT_BY = "idle-together"


class User(stage7.User):
    closed = False

    async def converse(self) -> None:
        await super().converse()
        if not self.reader.at_eof():
            self.flush()
            self.closed = True
            await asyncio.sleep(0.1)

    def send_message(self, text: str) -> None:
        if not self.closed:
            super().send_message(text)

    def offline(self) -> None:
        for user in self.server.online_map.values():
            if user is not self and isinstance(user, User) and user.closed:
                raise RuntimeError("send on closed channel")
        super().offline()


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
