"""The private line goes to the target's socket directly, past the lines that wait."""

import asyncio

from stages import command, phrases, stage8

STAGE = 8
CAUGHT_BY = "in-order"


class User(stage8.User):
    async def tell(self, name_and_text: str) -> None:
        name, _, text = name_and_text.partition("|")
        target = self.server.online_map.get(name)
        if target and text:
            line = phrases.PRIVATE.format(sender=self.name, text=text)
            target.writer.write(f"{line}\n".encode())
        else:
            await super().tell(name_and_text)

    async def listen_message(self) -> None:
        while await self.arrived.wait():
            await asyncio.sleep(0.02)  # Let a few lines come together.
            self.arrived.clear()
            self.flush()
            await self.writer.drain()


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
