# told: Not right yet: who stays silent is warned once, then shown out at the limit; but alice: a line came where the stream should have ended: 你已超时，将被踢出下线
# breaks: only-idle
class Warned(stage7.User):
    async def converse(self):
        self.watch()
        try:
            await super().converse()
        finally:
            self.timer.cancel()

    async def read_line(self):
        line = await super().read_line()
        self.timer.cancel()
        self.watch()
        return line

    def watch(self):
        half = self.server.idle_timeout / 2
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(half, self.warn, loop, half)

    def warn(self, loop, half):
        self.send_message("still there?")
        self.timer = loop.call_later(half / 2, self.warn, loop, half)


class WarnedServer(stage7.Server):
    user_class = Warned
