"""Its accept loop tries again at once when accept fails; it fails again at once."""

import asyncio
import os
import socket

from stages import command, stage2

STAGE = 2
CAUGHT_BY = "out-of-descriptors"


class Server(stage2.Server):
    async def start(self) -> None:
        await super().start()
        loop = asyncio.get_running_loop()
        loop.remove_reader(self.listener.sockets[0].fileno())
        listening = socket.socket(fileno=os.dup(self.listener.sockets[0].fileno()))
        listening.setblocking(False)
        self.accepting = asyncio.create_task(self.accept_loop(listening))

    async def accept_loop(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                conn, _ = await loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(0)
                continue
            reader, writer = await asyncio.open_connection(sock=conn)
            self.accept(reader, writer)


if __name__ == "__main__":
    command.main(Server)
