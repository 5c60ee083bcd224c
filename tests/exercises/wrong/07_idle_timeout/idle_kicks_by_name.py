# told: Not right yet: a command moves the limit; reading does not, and half a line does not; but expected 你已超时，将被踢出下线, got [127.0.0.1:carol]127.0.0.1:carol:half a line
# breaks: not-the-name
class User(stage6.User):
    async def converse(self):
        self.watch()
        try:
            await super().converse()
        finally:
            if self.server.clocks.get(self.name) is self.clock:
                self.server.clocks.pop(self.name).cancel()

    async def read_line(self):
        line = await super().read_line()
        self.watch()
        return line

    def watch(self):
        clocks = self.server.clocks
        if self.name in clocks:
            clocks[self.name].cancel()
        loop = asyncio.get_running_loop()
        limit = self.server.idle_timeout
        self.clock = clocks[self.name] = loop.call_later(limit, self.server.kick, self.name)


class Server(stage6.Server):
    user_class = User

    def __init__(self, host="127.0.0.1", port=9999, idle_timeout=10.0):
        super().__init__(host, port)
        self.idle_timeout = idle_timeout
        self.clocks = {}

    def kick(self, name):
        if user := self.online_map.get(name):
            user.send_message(phrases.KICKED)
            user.flush()
            user.reader.feed_eof()
