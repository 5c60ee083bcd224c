class User(stage6.User):
    async def converse(self):
        try:
            await super().converse()
        except asyncio.TimeoutError:
            self.send_message(phrases.KICKED)

    async def read_line(self):
        return await asyncio.wait_for(super().read_line(), self.server.idle_timeout)


class Server(stage6.Server):
    user_class = User

    def __init__(self, host="127.0.0.1", port=9999, idle_timeout=10.0):
        super().__init__(host, port)
        self.idle_timeout = idle_timeout
