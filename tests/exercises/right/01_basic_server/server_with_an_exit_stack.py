import contextlib


class Server:
    def __init__(self, host="127.0.0.1", port=9999):
        self.host, self.port = host, port
        self.by_peer = {}

    async def start(self):
        self.listener = await asyncio.start_server(
            lambda reader, writer: self.serve(reader, writer), host=self.host, port=self.port
        )
        for sock in self.listener.sockets:
            self.host, self.port, *_ = sock.getsockname()

    async def stop(self):
        self.listener.close()
        for writer in [*self.by_peer.values()]:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def serve(self, reader, writer):
        peer = writer.get_extra_info("peername")
        with contextlib.ExitStack() as stack:
            stack.callback(writer.close)
            self.by_peer[peer] = writer
            stack.callback(self.by_peer.pop, peer)
            await self.handle(reader, writer)

    async def handle(self, reader, writer):
        await reader.readline()
