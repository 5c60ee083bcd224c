# told: Not right yet: a line of more than 4,096 bytes is refused, its sender closed, and nothing of it passed on; but carol: a line came where the stream should have ended: [127.0.0.1:carol]127.0.0.1:carol:长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长… (1399 characters)
# breaks: nothing-of-it
MAX_LINE = 4096  # Bytes before the newline.


class User(stage2.User):
    unread = b""

    async def read_line(self):
        if getattr(self, "is_over", False):
            return None
        while b"\n" not in self.unread and len(self.unread) <= MAX_LINE:
            chunk = await self.reader.read(4096)
            if not chunk:
                break
            self.unread += chunk
        line, newline, self.unread = self.unread.partition(b"\n")
        if len(line) > MAX_LINE:
            self.send_message(phrases.TOO_LONG)
            self.unread = b""
            self.is_over = True
            return line[:MAX_LINE].decode(errors="replace")
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
