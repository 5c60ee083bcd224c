# told: Not right yet: a line is what ends with a newline, in however many pieces it came; but the line ends too early: expected [127.0.0.1:alice]127.0.0.1:alice:hello, got [127.0.0.1:alice]127.0.0.1:alice:hel
# breaks: stream
MAX_LINE = 4096  # Bytes before the newline.


class User(stage2.User):
    unread = b""

    async def read_line(self):
        line = newline = await self.reader.read(4096)
        line = line.removesuffix(b"\n")
        if len(line) > MAX_LINE:
            self.send_message(phrases.TOO_LONG)
            return None
        if not line and not newline:
            return None
        return line.removesuffix(b"\r").decode(errors="replace")


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
