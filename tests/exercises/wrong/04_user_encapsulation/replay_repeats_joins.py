# told: Not right yet: Alice, who is alone, reads what she says; but expected [127.0.0.1:alice]127.0.0.1:alice:one, got [127.0.0.1:alice]127.0.0.1:alice:已上线
# breaks: only-said
class Replaying(stage4.User):
    def online(self):
        super().online()
        for line in self.server.said:
            self.send_message(line)

    def send_message(self, text):
        super().send_message(text)
        if text not in self.server.said:
            self.server.said.append(text)

    async def do_message(self, text):
        await super().do_message(text)


class ReplayServer(stage4.Server):
    user_class = Replaying

    def __init__(self, host="127.0.0.1", port=9999):
        super().__init__(host, port)
        self.said = deque(maxlen=3)
