# told: Not right yet: an empty line puts the warning off; but a line is too much: still there?
# breaks: put-off
class Warned(stage7.User):
    async def converse(self):
        self.watch()
        try:
            await super().converse()
        finally:
            self.timer.cancel()

    async def read_line(self):
        line = await super().read_line()
        if line:
            self.timer.cancel()
            self.watch()
        return line

    def watch(self):
        half = self.server.idle_timeout / 2
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(half, self.send_message, "still there?")


class WarnedServer(stage7.Server):
    user_class = Warned
