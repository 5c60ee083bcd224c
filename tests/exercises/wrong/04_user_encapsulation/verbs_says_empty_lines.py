# told: Not right yet: an empty line is ignored; but alice: the line ends too early: expected [127.0.0.1:alice]127.0.0.1:alice:anything else?, got [127.0.0.1:alice]127.0.0.1:alice:
# breaks: converse
class User(stage3.User):
    def __init__(self, server, reader, writer):
        super().__init__(reader, writer)
        self.server = server

    def online(self):
        self.server.online_map[self.name] = self
        self.server.broadcast(self, phrases.ONLINE)

    def offline(self):
        self.server.online_map.pop(self.name, None)
        self.server.broadcast(self, phrases.OFFLINE)

    async def converse(self):
        while (line := await self.read_line()) is not None:
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
