class Echo(stage1.Server):
    """Sends everything back."""

    CHUNK = 2**16

    async def handle(self, reader, writer):
        print("a guest")
        while not reader.at_eof():
            await self.back(await reader.read(self.CHUNK), writer)
        print("is gone")

    async def back(self, data, writer):
        writer.write(data[:1])
        writer.write(data[1:])
        await writer.drain()
