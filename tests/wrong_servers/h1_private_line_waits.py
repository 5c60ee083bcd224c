"""The sender waits until the target has taken the line."""

import asyncio

from stages import command, phrases, stage8

STAGE = 8
CAUGHT_BY = "stalled-target"


class User(stage8.User):
    async def tell(self, name_and_text: str) -> None:
        name, _, text = name_and_text.partition("|")
        target = self.server.online_map.get(name)
        if target and text:
            await asyncio.sleep(0)
            target.writer.write(f"{phrases.PRIVATE.format(sender=self.name, text=text)}\n".encode())
            await target.writer.drain()
        else:
            await super().tell(name_and_text)


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
