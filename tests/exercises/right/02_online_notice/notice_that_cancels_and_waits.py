class User:
    def __init__(self, reader, writer):
        self.addr = self.name = "{}:{}".format(*writer.get_extra_info("peername"))
        self.writer = writer
        self.outbox = asyncio.Queue(10_000)
        self.listening = asyncio.create_task(self.listen_message())

    def send_message(self, text):
        try:
            return self.outbox.put_nowait(f"{text}\n")
        except asyncio.QueueFull:
            return self.drop()

    def drop(self):
        self.writer.transport.abort()

    async def listen_message(self):
        try:
            await self.send_all()
        except (OSError, asyncio.CancelledError):
            print(self.name, "is gone")

    async def send_all(self):
        while True:
            self.writer.write(bytes(await self.outbox.get(), "utf-8"))
            await self.writer.drain()


class Server(stage1.Server):
    def __init__(self, host="127.0.0.1", port=9999):
        super().__init__(host, port)
        self.online_map = {}

    def line_about(self, user, what):
        return phrases.SAID.format(addr=user.addr, name=user.name, text=what)

    def broadcast(self, user, text):
        for other in self.online_map.copy().values():
            other.send_message(self.line_about(user, text))

    async def handle(self, reader, writer):
        user = User(reader, writer)
        try:
            self.online_map[user.name] = user
            self.broadcast(user, phrases.ONLINE)
            data = b"anything"
            while data:
                data = await reader.read(100)
        finally:
            if self.online_map.get(user.name) is user:
                del self.online_map[user.name]
            user.listening.cancel()
            await user.listening
