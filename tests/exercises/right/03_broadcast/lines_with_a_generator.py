MAX_LINE = 4096  # Bytes before the newline.


class User(stage2.User):
    unread = b""

    async def lines(self):
        while chunk := await self.reader.read(4096):
            *whole, self.unread = (self.unread + chunk).split(b"\n")
            for line in whole:
                yield line
            if len(self.unread) > MAX_LINE:
                break
        if self.unread:
            yield self.unread

    async def read_line(self):
        if not hasattr(self, "coming"):
            self.coming = self.lines()
        line = await anext(self.coming, None)
        if line is None:
            return None
        if len(line) > MAX_LINE:
            self.send_message(phrases.TOO_LONG)
            return None
        if line[-1:] == b"\r":
            line = line[:-1]
        return line.decode(errors="replace")


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
            self.online_map.pop(user.name)
            self.broadcast(user, phrases.OFFLINE)
            user.goodbye()
