MAX_LINE = 4096  # Bytes before the newline.


class User(stage2.User):
    unread = b""

    async def read_line(self):
        self.unread = bytearray(self.unread)
        at = self.unread.find(b"\n")
        while at < 0:
            if len(self.unread) > MAX_LINE:
                return self.refuse()
            more = await self.reader.read(65536)
            if not more:
                at = len(self.unread)
                if at == 0:
                    return None
                break
            self.unread.extend(more)
            at = self.unread.find(b"\n")
        if at > MAX_LINE:
            return self.refuse()
        line = bytes(self.unread[:at])
        del self.unread[: at + 1]
        return line.decode("utf-8", errors="replace").removesuffix("\r")

    def refuse(self):
        self.send_message(phrases.TOO_LONG)


class Server(stage2.Server):
    async def handle(self, reader, writer):
        user = User(reader, writer)
        self.online_map.update({user.addr: user})
        self.broadcast(user, phrases.ONLINE)
        try:
            await self.listen_to(user)
        finally:
            del self.online_map[user.addr]
            self.broadcast(user, phrases.OFFLINE)
            user.goodbye()

    async def listen_to(self, user):
        while True:
            line = await user.read_line()
            if line is None:
                return
            if line != "":
                self.broadcast(user, line)
