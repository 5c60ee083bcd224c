# told: Not right yet: a newcomer reads what was said, even if it is less than three lines; but zoe: nothing came in 2 s
# breaks: after
class Replaying(stage4.User):
    def online(self):
        super().online()
        if len(self.server.said) == 3:
            for line in self.server.said:
                self.send_message(line)

    async def do_message(self, text):
        self.server.said.append(phrases.SAID.format(addr=self.addr, name=self.name, text=text))
        await super().do_message(text)


class ReplayServer(stage4.Server):
    user_class = Replaying

    def __init__(self, host="127.0.0.1", port=9999):
        super().__init__(host, port)
        self.said = deque(maxlen=3)
