class Replaying(stage4.User):
    def online(self):
        stage4.User.online(self)
        for number in range(len(self.server.said)):
            self.send_message(self.server.said[number])

    async def do_message(self, text):
        self.remember("[" + self.addr + "]" + self.name + ":" + text)
        await stage4.User.do_message(self, text)

    def remember(self, line):
        self.server.said.append(line)
        print(len(self.server.said), "lines are kept")


class ReplayServer(stage4.Server):
    user_class = Replaying

    def __init__(self, host="127.0.0.1", port=9999):
        super().__init__(host, port)
        self.said = deque(maxlen=3)
