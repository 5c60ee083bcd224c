# told: Not right yet: every line moves the limit, and only its sender's; reading does not, and half a line does not; but a line is missing: 127.0.0.1:bob
# breaks: every-line
class User(stage6.User):
    async def converse(self):
        try:
            async with asyncio.timeout(self.server.idle_timeout) as self.deadline:
                await super().converse()
        except TimeoutError:
            self.send_message(phrases.KICKED)

    async def read_line(self):
        line = await super().read_line()
        if line != "who":
            now = asyncio.get_running_loop().time()
            self.deadline.reschedule(now + self.server.idle_timeout)
        return line


class Server(stage6.Server):
    user_class = User

    def __init__(self, host="127.0.0.1", port=9999, idle_timeout=10.0):
        super().__init__(host, port)
        self.idle_timeout = idle_timeout
