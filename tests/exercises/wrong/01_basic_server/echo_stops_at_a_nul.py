# told: Not right yet: nothing is changed on the way, not even what stands in a line; but expected b'\x00\t one\rtwo ', got b'\t one\rtwo '
# breaks: byte-for-byte
class Echo(stage1.Server):
    async def handle(self, reader, writer):
        while data := await reader.read(4096):
            writer.write(data.replace(b"\x00", b""))
            await writer.drain()
