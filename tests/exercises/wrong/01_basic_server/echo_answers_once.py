# told: Not what is expected: alice: the server closed the connection
class Echo(stage1.Server):
    async def handle(self, reader, writer):
        data = await reader.read(4096)
        writer.write(data)
        await writer.drain()
