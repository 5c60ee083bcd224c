# told: Not right yet: from a user who never reads, no more is taken than can be sent back; but expected made her wait, got took 32 MiB, and keeps them
# breaks: bounded
class Echo(stage1.Server):
    async def handle(self, reader, writer):
        while data := await reader.read(4096):
            writer.write(data)
