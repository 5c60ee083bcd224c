# told: Not right yet: who has said nothing for half of the limit is warned, each by themselves; but expected still there?, got [127.0.0.1:alice]127.0.0.1:alice:still there?
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
        self.timer = loop.call_later(half, self.server.broadcast, self, "still there?")


class WarnedServer(stage7.Server):
    user_class = Warned
