# told: Not right yet: what is no text comes back as it came; but expected b'\xff\xfe\r', got b'\xff\xfe'
# breaks: byte-for-byte
class Echo(stage1.Server):
    async def handle(self, reader, writer):
        while data := await reader.read(4096):
            writer.write(
                b"".join(part + b"\n" for part in data.split(b"\r\n") if part)
                if b"\r\n" in data
                else data
            )
            await writer.drain()
