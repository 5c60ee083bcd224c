# told: Not right yet: half a line comes back at once, without its end; but nothing came in time
# breaks: as-it-comes
class Echo(stage1.Server):
    async def handle(self, reader, writer):
        while data := await reader.readuntil(b"\n"):
            writer.write(data)
            await writer.drain()
