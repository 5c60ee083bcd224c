"""The answer goes to the socket directly, past the lines that wait in the outbox."""

import asyncio

from stages import command, stage5

STAGE = 5
CAUGHT_BY = "who-between-lines"


class User(stage5.User):
    async def listen_message(self) -> None:
        while await self.arrived.wait():
            await asyncio.sleep(0.02)  # Let a few lines come together.
            self.arrived.clear()
            self.flush()
            await self.writer.drain()

    async def answer(self, *lines: str) -> None:
        self.writer.write("".join(f"{line}\n" for line in lines).encode())


class Server(stage5.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
