# told: Not right yet: nothing of those who have gone is left running; but for 'timers left' expected False, got True
# breaks: nothing-left
class Warned(stage7.User):
    async def converse(self):
        self.watch()
        await super().converse()

    async def read_line(self):
        line = await super().read_line()
        self.timer.cancel()
        self.watch()
        return line

    def watch(self):
        half = self.server.idle_timeout / 2
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(half, self.send_message, "still there?")


class WarnedServer(stage7.Server):
    user_class = Warned
