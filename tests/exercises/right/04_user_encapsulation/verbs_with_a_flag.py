class User(stage3.User):
    def __init__(self, server, reader, writer):
        super().__init__(reader, writer)
        self.server = server
        self.is_online = False

    def online(self):
        self.is_online = True
        self.server.online_map[self.name] = self
        self.server.broadcast(self, phrases.ONLINE)

    def offline(self):
        if not self.is_online:
            return
        self.is_online = False
        del self.server.online_map[self.name]
        self.server.broadcast(self, phrases.OFFLINE)

    async def converse(self):
        while True:
            line = await self.read_line()
            if line is None:
                break
            if line != "":
                await self.do_message(line)

    async def do_message(self, text):
        self.server.broadcast(self, text)


class Server(stage3.Server):
    user_class = User

    async def handle(self, reader, writer):
        user = self.user_class(self, reader, writer)
        try:
            user.online()
            await user.converse()
        finally:
            user.offline()
            user.goodbye()
