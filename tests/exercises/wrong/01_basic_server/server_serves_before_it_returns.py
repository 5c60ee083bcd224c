# told: Not right yet: a connection is not closed before `handle` is done; but nothing came in time
# breaks: returns
class Server:
    def __init__(self, host="127.0.0.1", port=9999):
        self.host = host
        self.port = port
        self.writers = set()

    async def start(self):
        self.listener = await asyncio.start_server(self.serve, self.host, self.port)
        self.host, self.port = self.listener.sockets[0].getsockname()[:2]
        await self.listener.serve_forever()

    async def stop(self):
        self.listener.close()
        for writer in list(self.writers):
            writer.close()

    async def serve(self, reader, writer):
        self.writers.add(writer)
        try:
            await self.handle(reader, writer)
        finally:
            self.writers.discard(writer)
            writer.close()

    async def handle(self, reader, writer):
        await reader.readline()
