# told: Not right yet: nothing is kept of a connection that is closed; but for 'kept' expected 0, got 3
# breaks: nothing-kept
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
        for writer in list(self.writers):
            writer.close()

    async def serve(self, reader, writer):
        self.writers.add(writer)
        try:
            await self.handle(reader, writer)
        finally:
            writer.close()

    async def handle(self, reader, writer):
        await reader.readline()
