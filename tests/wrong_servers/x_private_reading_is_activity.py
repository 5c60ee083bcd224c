"""Being written to moves the limit."""

import asyncio

from stages import command, stage8

STAGE = 8
CAUGHT_BY = "private-line-is-no-activity"


class User(stage8.User):
    def send_message(self, text: str) -> None:
        super().send_message(text)
        if text.startswith("来自"):
            now = asyncio.get_running_loop().time()
            self.deadline.reschedule(now + self.server.idle_timeout)


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
