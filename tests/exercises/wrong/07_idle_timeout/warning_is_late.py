# told: Not right yet: half of the limit after her last line, and not later, Carol is warned; but a line is missing: still there?
# breaks: half
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
        half = self.server.idle_timeout * 0.75
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(half, self.send_message, "still there?")


class WarnedServer(stage7.Server):
    user_class = Warned
