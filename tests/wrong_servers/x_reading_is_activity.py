"""Whatever is sent to a user moves their limit too."""

import asyncio

from stages import command, phrases, stage7

STAGE = 7
CAUGHT_BY = "reading-is-no-activity"


class User(stage7.User):
    def send_message(self, text: str) -> None:
        super().send_message(text)
        if hasattr(self, "deadline") and text != phrases.KICKED:
            self.deadline.reschedule(asyncio.get_running_loop().time() + self.server.idle_timeout)


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
