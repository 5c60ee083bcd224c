# told: Not right yet: who joins reads their own join line; but expected [127.0.0.1:alice]127.0.0.1:alice:已上线, got [127.0.0.1:alice]somebody:已上线
# breaks: announced
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
        try:
            while True:
                text = await self.outbox.get()
                self.writer.write(f"{text}\n".encode())
                await self.writer.drain()
        except OSError:
            pass  # The peer is gone.


class Server(stage1.Server):
    def __init__(self, host="127.0.0.1", port=9999):
        super().__init__(host, port)
        self.online_map = {}

    def broadcast(self, user, text):
        line = phrases.SAID.format(addr=user.addr, name="somebody", text=text)
        for other in self.online_map.values():
            other.send_message(line)

    async def handle(self, reader, writer):
        user = User(reader, writer)
        self.online_map[user.name] = user
        self.broadcast(user, phrases.ONLINE)
        try:
            while await reader.read(4096):
                pass
        finally:
            del self.online_map[user.name]
            user.listening.cancel()
