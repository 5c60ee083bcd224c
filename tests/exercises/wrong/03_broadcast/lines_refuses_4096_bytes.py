# told: Not right yet: a line of 4,095 or 4,096 bytes arrives whole; but alice: the server says that a line was too long: expected [127.0.0.1:alice]127.0.0.1:alice:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… (4129 characters), got 消息过长，连接将被关闭
# breaks: limit
MAX_LINE = 4096  # Bytes before the newline.


class User(stage2.User):
    unread = b""

    async def read_line(self):
        while b"\n" not in self.unread and len(self.unread) <= MAX_LINE:
            chunk = await self.reader.read(4096)
            if not chunk:
                break
            self.unread += chunk
        line, newline, self.unread = self.unread.partition(b"\n")
        if len(line) >= MAX_LINE:
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
