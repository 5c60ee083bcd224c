# told: Not right yet: `stop` ends the conversations that are still going on; but alice: the connection was not closed in 2 s
# breaks: ends
class Server:
    def __init__(self, host="127.0.0.1", port=9999):
        self.host = host
        self.port = port
        self.writers = set()

    async def start(self):
        self.listener = await asyncio.start_server(self.serve, self.host, self.port)
        self.host, self.port = self.listener.sockets[0].getsockname()[:2]

    async def stop(self):
        self.listener.close()
        if self.writers:
            self.writers.pop()

    async def serve(self, reader, writer):
        self.writers.add(writer)
        try:
            await self.handle(reader, writer)
        finally:
            self.writers.discard(writer)
            writer.close()

    async def handle(self, reader, writer):
        await reader.readline()
