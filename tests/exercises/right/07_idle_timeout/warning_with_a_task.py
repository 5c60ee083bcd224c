class Warned(stage7.User):
    watching = None

    async def converse(self):
        self.begin()
        try:
            await super().converse()
        finally:
            self.watching.cancel()

    async def read_line(self):
        line = await super().read_line()
        self.watching.cancel()
        self.begin()
        return line

    def begin(self):
        self.watching = asyncio.create_task(self.warn())

    async def warn(self):
        await asyncio.sleep(self.server.idle_timeout / 2)
        self.send_message("still there?")


class WarnedServer(stage7.Server):
    user_class = Warned
