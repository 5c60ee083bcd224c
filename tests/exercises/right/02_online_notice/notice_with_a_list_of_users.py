class User:
    def __init__(self, reader, writer):
        self.addr = self.name = "{}:{}".format(*writer.get_extra_info("peername"))
        self.writer = writer
        self.outbox = asyncio.Queue(10_000)
        self.listening = asyncio.create_task(self.listen_message())

    def send_message(self, text):
        try:
            self.outbox.put_nowait(text)
        except asyncio.QueueFull:
            self.writer.transport.abort()

    async def listen_message(self):
        while True:
            lines = [await self.outbox.get()]
            while not self.outbox.empty():
                lines.append(self.outbox.get_nowait())
                if len(lines) == 100:
                    break
            try:
                self.writer.write("".join(f"{line}\n" for line in lines).encode())
                await self.writer.drain()
            except OSError:
                return


class Server(stage1.Server):
    def __init__(self, host="127.0.0.1", port=9999):
        super().__init__(host, port)
        self.online_map = {}

    def broadcast(self, user, text):
        line = phrases.SAID.format(addr=user.addr, name=user.name, text=text)
        [other.send_message(line) for other in list(self.online_map.values())]

    async def enter(self, user):
        self.online_map[user.name] = user
        self.broadcast(user, phrases.ONLINE)

    def leave(self, user):
        user.listening.cancel()
        self.online_map = {
            name: other for name, other in self.online_map.items() if other is not user
        }

    async def handle(self, reader, writer):
        user = User(reader, writer)
        await self.enter(user)
        try:
            async for _ in reader:
                continue
        except ValueError:
            print("too long a line")
        finally:
            self.leave(user)
