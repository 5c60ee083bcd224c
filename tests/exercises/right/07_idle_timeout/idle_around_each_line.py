class User(stage6.User):
    async def converse(self):
        try:
            while (line := await self.read_line()) is not None:
                if line:
                    await self.do_message(line)
        except TimeoutError:
            self.send_message(phrases.KICKED)

    async def read_line(self):
        async with asyncio.timeout(self.server.idle_timeout):
            return await super().read_line()


class Server(stage6.Server):
    user_class = User

    def __init__(self, host="127.0.0.1", port=9999, idle_timeout=10.0):
        super().__init__(host, port)
        self.idle_timeout = idle_timeout
