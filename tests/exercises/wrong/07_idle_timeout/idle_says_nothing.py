# told: Not right yet: who is idle for the limit reads why, and is closed; but alice: the server closed the connection
# breaks: reads-why
class User(stage6.User):
    async def converse(self):
        try:
            async with asyncio.timeout(self.server.idle_timeout) as self.deadline:
                await super().converse()
        except TimeoutError:
            pass

    async def read_line(self):
        line = await super().read_line()
        now = asyncio.get_running_loop().time()
        self.deadline.reschedule(now + self.server.idle_timeout)
        return line


class Server(stage6.Server):
    user_class = User

    def __init__(self, host="127.0.0.1", port=9999, idle_timeout=10.0):
        super().__init__(host, port)
        self.idle_timeout = idle_timeout
