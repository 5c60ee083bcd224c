class User(stage6.User):
    async def converse(self):
        self.is_late = False
        self.me = asyncio.current_task()
        self.wind()
        try:
            await super().converse()
        except asyncio.CancelledError:
            if not self.is_late:
                raise
            self.me.uncancel()
            self.send_message(phrases.KICKED)
        finally:
            self.timer.cancel()

    async def read_line(self):
        line = await super().read_line()
        self.timer.cancel()
        self.wind()
        return line

    def wind(self):
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(self.server.idle_timeout, self.ring)

    def ring(self):
        self.is_late = True
        self.me.cancel()


class Server(stage6.Server):
    user_class = User

    def __init__(self, host="127.0.0.1", port=9999, idle_timeout=10.0):
        super().__init__(host, port)
        self.idle_timeout = idle_timeout
