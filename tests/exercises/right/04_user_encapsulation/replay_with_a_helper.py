def line_of(user, text):
    return phrases.SAID.format(addr=user.addr, name=user.name, text=text)


class Replaying(stage4.User):
    def online(self):
        heard = list(self.server.said)
        super().online()
        for line in heard:
            self.send_message(line)

    async def do_message(self, text):
        self.server.said += [line_of(self, text)]
        return await super().do_message(text)


class ReplayServer(stage4.Server):
    user_class = Replaying

    def __init__(self, host="127.0.0.1", port=9999):
        super().__init__(host, port)
        self.said = deque(maxlen=3)
