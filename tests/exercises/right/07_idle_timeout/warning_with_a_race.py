class Warned(stage7.User):
    async def converse(self):
        await super().converse()

    async def read_line(self):
        reading = asyncio.ensure_future(super().read_line())
        try:
            done, _ = await asyncio.wait([reading], timeout=self.server.idle_timeout / 2)
            if not done:
                self.send_message("still there?")
            return await reading
        finally:
            reading.cancel()


class WarnedServer(stage7.Server):
    user_class = Warned
