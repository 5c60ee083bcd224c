import contextlib


class User(stage3.User):
    def __init__(self, server, reader, writer):
        super().__init__(reader, writer)
        self.server = server

    def online(self):
        roster = self.server.online_map
        roster[self.name] = self
        self.tell(phrases.ONLINE)

    def offline(self):
        roster = self.server.online_map
        for name in [name for name, user in roster.items() if user is self]:
            del roster[name]
        self.tell(phrases.OFFLINE)

    def tell(self, what):
        self.server.broadcast(self, what)

    async def converse(self):
        line = await self.read_line()
        while line is not None:
            if line:
                await self.do_message(line)
            line = await self.read_line()

    async def do_message(self, text):
        self.tell(text)


class Server(stage3.Server):
    user_class = User

    @contextlib.contextmanager
    def visit(self, user):
        user.online()
        try:
            yield user
        finally:
            user.offline()
            user.goodbye()

    async def handle(self, reader, writer):
        with self.visit(self.user_class(self, reader, writer)) as user:
            await user.converse()
