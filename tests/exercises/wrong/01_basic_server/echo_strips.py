# told: Not what is expected: a space too many or too few
class Echo(stage1.Server):
    async def handle(self, reader, writer):
        while data := await reader.read(4096):
            writer.write(data.strip() + b"\n")
            await writer.drain()
