# told: Not right yet: all that Alice sends comes back, spaces and all; but alice: the server closed the connection
# breaks: until-the-end
class Echo(stage1.Server):
    async def handle(self, reader, writer):
        data = await reader.read(4096)
        writer.write(data)
        await writer.drain()
