# told: Not right yet: nothing of those who have gone is left running; but for 'timers left' expected False, got True
# breaks: nothing-left
class User(stage6.User):
    async def converse(self):
        self.visit = asyncio.current_task()
        self.is_late = False
        self.watch()
        try:
            await super().converse()
        except asyncio.CancelledError:
            if not self.is_late:
                raise
            self.visit.uncancel()
            self.send_message(phrases.KICKED)

    def watch(self):
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(self.server.idle_timeout, self.kick)

    def kick(self):
        self.is_late = True
        self.visit.cancel()

    async def read_line(self):
        line = await super().read_line()
        self.timer.cancel()
        self.watch()
        return line


class Server(stage6.Server):
    user_class = User

    def __init__(self, host="127.0.0.1", port=9999, idle_timeout=10.0):
        super().__init__(host, port)
        self.idle_timeout = idle_timeout
