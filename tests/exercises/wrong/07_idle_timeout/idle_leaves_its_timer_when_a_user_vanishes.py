# told: Not right yet: a command moves the limit; reading does not, and half a line does not; but expected 你已超时，将被踢出下线, got [127.0.0.1:carol]127.0.0.1:carol:half a line
# breaks: nothing-left
class User(stage6.User):
    async def converse(self):
        self.watch()
        await super().converse()

    async def read_line(self):
        self.timer.cancel()
        self.watch()
        line = await super().read_line()
        self.timer.cancel()
        if line is not None:
            self.watch()
        return line

    def watch(self):
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(self.server.idle_timeout, self.kick)

    def kick(self):
        self.send_message(phrases.KICKED)
        self.reader.feed_eof()


class Server(stage6.Server):
    user_class = User

    def __init__(self, host="127.0.0.1", port=9999, idle_timeout=10.0):
        super().__init__(host, port)
        self.idle_timeout = idle_timeout
