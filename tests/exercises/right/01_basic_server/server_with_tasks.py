class Server:
    def __init__(self, host="127.0.0.1", port=9999):
        self.host = host
        self.port = port
        self.tasks = []

    async def start(self):
        self.server = await asyncio.start_server(self.serve, self.host, self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self):
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def serve(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.append(task)
        try:
            await self.handle(reader, writer)
        except asyncio.CancelledError:
            print("a conversation is ended")
        except Exception as error:
            print("a conversation failed:", error)
        finally:
            writer.close()
            self.tasks.remove(task)

    async def handle(self, reader, writer):
        await reader.readline()
