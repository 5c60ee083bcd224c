# told: Not right yet: every line moves the limit, and only its sender's; reading does not, and half a line does not; but a line is missing: x
# breaks: not-the-name
class User(stage6.User):
    async def converse(self):
        try:
            async with asyncio.timeout(None) as self.deadline:
                self.watch()
                await super().converse()
        except TimeoutError:
            self.send_message(phrases.KICKED)
        finally:
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
        clocks[self.name] = loop.call_later(limit, self.server.kick, self.name)


class Server(stage6.Server):
    user_class = User

    def __init__(self, host="127.0.0.1", port=9999, idle_timeout=10.0):
        super().__init__(host, port)
        self.idle_timeout = idle_timeout
        self.clocks = {}

    def kick(self, name):
        if user := self.online_map.get(name):
            user.deadline.reschedule(0)
