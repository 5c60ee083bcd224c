MAX_LINE = 4096  # Bytes before the newline.


class User(stage2.User):
    unread = b""

    async def read_line(self):
        line = bytearray()
        while True:
            byte = await self.reader.read(1)
            if byte in (b"", b"\n"):
                break
            line += byte
            if len(line) > MAX_LINE:
                self.send_message(phrases.TOO_LONG)
                return None
        if byte == b"" and not line:
            return None
        if line.endswith(b"\r"):
            line.pop()
        return str(line, "utf-8", "replace")


class Server(stage2.Server):
    async def handle(self, reader, writer):
        user = User(reader, writer)
        self.online_map[user.name] = user
        self.broadcast(user, phrases.ONLINE)
        try:
            while (line := await user.read_line()) is not None:
                if line:
                    self.broadcast(user, line)
        finally:
            self.online_map.pop(user.name, None)
            self.broadcast(user, phrases.OFFLINE)
            user.goodbye()
