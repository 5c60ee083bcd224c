import socket


class Server:
    def __init__(self, host="127.0.0.1", port=9999):
        self.host = host
        self.port = port
        self.writers = set()

    async def start(self):
        self.sock = socket.create_server((self.host, self.port))
        self.sock.setblocking(False)
        self.port = self.sock.getsockname()[1]
        self.accepting = asyncio.create_task(self.accept())

    async def accept(self):
        loop = asyncio.get_running_loop()
        running = set()
        while True:
            connection, _ = await loop.sock_accept(self.sock)
            reader, writer = await asyncio.open_connection(sock=connection)
            task = asyncio.create_task(self.serve(reader, writer))
            running.add(task)
            task.add_done_callback(running.discard)

    async def stop(self):
        self.accepting.cancel()
        self.sock.close()
        while self.writers:
            self.writers.pop().close()

    async def serve(self, reader, writer):
        self.writers.add(writer)
        try:
            await self.handle(reader, writer)
        finally:
            self.writers -= {writer}
            writer.close()

    async def handle(self, reader, writer):
        await reader.readline()
