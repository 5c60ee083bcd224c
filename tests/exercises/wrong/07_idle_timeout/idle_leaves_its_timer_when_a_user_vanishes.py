# told: Not right yet: nothing of those who have gone is left running; but for 'timers left' expected False, got True
# breaks: nothing-left
class User(stage6.User):
    async def converse(self):
        try:
            async with asyncio.timeout(None) as self.deadline:
                await super().converse()
        except TimeoutError:
            self.send_message(phrases.KICKED)

    async def read_line(self):
        loop = asyncio.get_running_loop()
        limit = self.server.idle_timeout
        timer = loop.call_later(limit, self.deadline.reschedule, 0)
        line = await super().read_line()
        timer.cancel()
        return line


class Server(stage6.Server):
    user_class = User

    def __init__(self, host="127.0.0.1", port=9999, idle_timeout=10.0):
        super().__init__(host, port)
        self.idle_timeout = idle_timeout
