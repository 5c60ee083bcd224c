class Warned(stage7.User):
    async def converse(self):
        loop = asyncio.get_running_loop()
        self.last = loop.time()
        task = asyncio.create_task(self.watch(loop))
        try:
            await super().converse()
        finally:
            task.cancel()

    async def read_line(self):
        line = await super().read_line()
        self.last = asyncio.get_running_loop().time()
        return line

    async def watch(self, loop):
        warned = None
        while True:
            due = self.last + self.server.idle_timeout / 2
            if loop.time() >= due and warned != self.last:
                warned = self.last
                self.send_message("still there?")
            await asyncio.sleep(max(due - loop.time(), 0.02))


class WarnedServer(stage7.Server):
    user_class = Warned
