# told: Not right yet: a newcomer reads their own join line, then the last three that were said, the oldest first; but expected [127.0.0.1:alice]127.0.0.1:alice:two, got [127.0.0.1:alice]127.0.0.1:alice:one
# breaks: three
class Replaying(stage4.User):
    def online(self):
        super().online()
        for line in self.server.said:
            self.send_message(line)

    async def do_message(self, text):
        self.server.said.append(phrases.SAID.format(addr=self.addr, name=self.name, text=text))
        await super().do_message(text)


class ReplayServer(stage4.Server):
    user_class = Replaying

    def __init__(self, host="127.0.0.1", port=9999):
        super().__init__(host, port)
        self.said = deque()
