class User(stage4.User):
    async def do_message(self, text):
        commands = {"who": self.who}
        if text in commands:
            await commands[text]()
        else:
            await super().do_message(text)

    async def who(self):
        for name in self.server.online_map:
            self.send_message(phrases.IS_ONLINE.format(name=name))


class Server(stage4.Server):
    user_class = User
