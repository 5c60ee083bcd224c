class Echo(stage1.Server):
    async def handle(self, reader, writer):
        waiting = asyncio.Queue(10)

        async def listen():
            while data := await reader.read(1000):
                await waiting.put(data)
            await waiting.put(b"")

        listening = asyncio.create_task(listen())
        try:
            while data := await waiting.get():
                writer.write(data)
                await writer.drain()
        finally:
            listening.cancel()
