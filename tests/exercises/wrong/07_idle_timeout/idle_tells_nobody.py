# told: Not right yet: Bob, whose empty line moved his limit, reads that Alice left; but the server says that this user was idle for too long: expected [127.0.0.1:alice]127.0.0.1:alice:下线, got 你已超时，将被踢出下线
# breaks: told
class User(stage6.User):
    async def converse(self):
        try:
            async with asyncio.timeout(self.server.idle_timeout) as self.deadline:
                await super().converse()
        except TimeoutError:
            self.send_message(phrases.KICKED)
            self.server.online_map.pop(self.name)
            self.offline = lambda: None

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
