class User:
    def __init__(self, reader, writer):
        self.addr = self.name = "{}:{}".format(*writer.get_extra_info("peername"))
        self.writer = writer
        self.outbox = asyncio.Queue(10_000)
        self.listening = asyncio.create_task(self.listen_message())

    def send_message(self, text):
        if self.outbox.full():
            self.writer.transport.abort()
            return
        self.outbox.put_nowait((text + "\n").encode("utf-8"))

    async def listen_message(self):
        while not self.writer.is_closing():
            self.writer.write(await self.outbox.get())
            try:
                await self.writer.drain()
            except ConnectionError:
                break


class Server(stage1.Server):
    def __init__(self, host="127.0.0.1", port=9999):
        super().__init__(host, port)
        self.online_map = {}

    def broadcast(self, user, text):
        line = f"[{user.addr}]{user.name}:{text}"
        for name in self.online_map:
            self.online_map[name].send_message(line)

    async def handle(self, reader, writer):
        user = User(reader, writer)
        self.online_map[user.addr] = user
        self.broadcast(user, "已上线")
        try:
            while not reader.at_eof():
                await reader.read(1)
        finally:
            self.online_map.pop(user.addr)
            user.listening.cancel()
