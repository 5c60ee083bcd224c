# told: Not right yet: the verbs tell everyone on the roster, and who has left is not on it; but a line is too much: [the house of:paper]ben:下线
# breaks: offline
class User(stage3.User):
    def __init__(self, server, reader, writer):
        super().__init__(reader, writer)
        self.server = server

    def online(self):
        self.server.online_map[self.name] = self
        self.server.broadcast(self, phrases.ONLINE)

    def offline(self):
        self.server.broadcast(self, phrases.OFFLINE)
        self.server.online_map.pop(self.name, None)

    async def converse(self):
        while (line := await self.read_line()) is not None:
            if line:
                await self.do_message(line)

    async def do_message(self, text):
        self.server.broadcast(self, text)


class Server(stage3.Server):
    user_class = User

    async def handle(self, reader, writer):
        user = self.user_class(self, reader, writer)
        user.online()
        try:
            await user.converse()
        finally:
            user.offline()
            user.goodbye()
