class Echo(stage1.Server):
    async def handle(self, reader, writer):
        while True:
            try:
                byte = await reader.readexactly(1)
            except asyncio.IncompleteReadError:
                return
            writer.write(byte)
            await writer.drain()
