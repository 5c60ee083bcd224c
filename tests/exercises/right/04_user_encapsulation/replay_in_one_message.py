class Replaying(stage4.User):
    def online(self):
        super().online()
        if self.server.said:
            self.send_message("\n".join(self.server.said))

    async def do_message(self, text):
        await super().do_message(text)
        self.server.said.append(f"[{self.addr}]{self.name}:{text}")


class ReplayServer(stage4.Server):
    user_class = Replaying

    def __init__(self, host="127.0.0.1", port=9999):
        super().__init__(host, port)
        self.said = deque(maxlen=3)
