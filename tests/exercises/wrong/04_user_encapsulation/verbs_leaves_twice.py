# told: Not right yet: a visit that ends with a failure runs `offline`, once: those who stay are told, and it is off the roster; but a line is too much that had come before: [127.0.0.1:bob]127.0.0.1:bob:下线
# breaks: once
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
        except OSError:
            user.offline()
            raise
        finally:
            user.offline()
            user.goodbye()
