# told: Not right yet: when no more can come, the conversation ends; but alice: the connection was not closed in 2 s
# breaks: until-the-end
class Echo(stage1.Server):
    async def handle(self, reader, writer):
        while True:
            data = await reader.read(4096)
            await asyncio.sleep(0.01)
            writer.write(data)
            await writer.drain()
