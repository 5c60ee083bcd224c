"""It queues for each user, and for one who does not read it queues for ever."""

import asyncio

from stages import command, phrases, stage3

STAGE = 3
CAUGHT_BY = "stops-reading"


class User(stage3.User):
    def send_message(self, text: str) -> None:
        self.outbox += f"{text}\n".encode()
        self.arrived.set()


class Server(stage3.Server):
    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        user = User(reader, writer)
        self.online_map[user.name] = user
        self.broadcast(user, phrases.ONLINE)
        try:
            while (line := await user.read_line()) is not None:
                if line:
                    self.broadcast(user, line)
        finally:
            self.online_map.pop(user.name, None)
            self.broadcast(user, phrases.OFFLINE)
            user.goodbye()


if __name__ == "__main__":
    command.main(Server)
