# told: Not right yet: a line is read again exactly as it was read, whatever its speaker is called by now; but expected [127.0.0.1:alice]127.0.0.1:alice:three, got [127.0.0.1:alice]somebody else:three
# breaks: exactly
class Replaying(stage4.User):
    def online(self):
        super().online()
        for user, text in self.server.said:
            self.send_message(phrases.SAID.format(addr=user.addr, name=user.name, text=text))

    async def do_message(self, text):
        self.server.said.append((self, text))
        await super().do_message(text)


class ReplayServer(stage4.Server):
    user_class = Replaying

    def __init__(self, host="127.0.0.1", port=9999):
        super().__init__(host, port)
        self.said = deque(maxlen=3)
