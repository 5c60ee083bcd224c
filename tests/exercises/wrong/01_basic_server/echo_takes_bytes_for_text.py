# told: Not what is expected: '好' where it should be '你'
class Echo(stage1.Server):
    async def handle(self, reader, writer):
        while data := await reader.read(4096):
            writer.write(data.decode(errors="ignore").encode())
            await writer.drain()
