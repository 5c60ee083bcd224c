class User(stage3.User):
    def __init__(self, server, reader, writer):
        super().__init__(reader, writer)
        self.server = server
        self.room = server

    def online(self):
        self.room.online_map |= {self.name: self}
        self.room.broadcast(self, phrases.ONLINE)

    def offline(self):
        if self.name in self.room.online_map:
            self.room.online_map.pop(self.name)
        self.room.broadcast(self, phrases.OFFLINE)

    async def lines(self):
        while (line := await self.read_line()) is not None:
            yield line

    async def converse(self):
        async for line in self.lines():
            if not line:
                continue
            await self.do_message(line)

    async def do_message(self, text):
        return self.room.broadcast(self, text)


class Server(stage3.Server):
    user_class = User

    async def handle(self, reader, writer):
        user = self.user_class(self, reader, writer)
        user.online()
        try:
            await user.converse()
        except BaseException as error:
            print(user.name, "ends with", type(error).__name__)
            raise
        finally:
            user.offline()
            user.goodbye()
