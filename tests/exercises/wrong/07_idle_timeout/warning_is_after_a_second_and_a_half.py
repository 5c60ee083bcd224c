# told: Not right yet: who has said nothing for half of the limit is warned, each by themselves; but the server says that this user was idle for too long: expected still there?, got 你已超时，将被踢出下线
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
        half = 1.5
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(half, self.send_message, "still there?")


class WarnedServer(stage7.Server):
    user_class = Warned
