"""Who ends their input leaves at once, and yet is connected until the limit, and told of it."""

import asyncio

from stages import command, phrases, stage7

STAGE = 7
CAUGHT_BY = "fifty-come-and-go"


class User(stage7.User):
    gone = False

    async def converse(self) -> None:
        await super().converse()
        if self.reader.at_eof():
            self.offline()
            await asyncio.sleep(self.server.idle_timeout)
            self.send_message(phrases.KICKED)

    def offline(self) -> None:
        if not self.gone:
            super().offline()
        self.gone = True


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
