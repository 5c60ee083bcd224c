# told: Not right yet: all that Alice sends comes back, spaces and all; but a space too many or too few: expected '  how are you?  ', got how are you?
# breaks: byte-for-byte
class Echo(stage1.Server):
    async def handle(self, reader, writer):
        while data := await reader.read(4096):
            writer.write(data.strip() + b"\n")
            await writer.drain()
