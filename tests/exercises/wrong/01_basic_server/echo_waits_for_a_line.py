# told: Not what is expected: nothing came in time
class Echo(stage1.Server):
    async def handle(self, reader, writer):
        while data := await reader.readline():
            writer.write(data)
            await writer.drain()
