# told: Not right yet: both halves of a character come back, as they came; but bytes that are not UTF-8: expected 你好, got ��好
# breaks: bytes
class Echo(stage1.Server):
    async def handle(self, reader, writer):
        while data := await reader.read(4096):
            writer.write(data.decode(errors="replace").encode())
            await writer.drain()
