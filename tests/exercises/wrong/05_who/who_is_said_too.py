# told: Not what is expected: 'w' where it should be ' '
class User(stage4.User):
    async def do_message(self, text):
        if text == "who":
            await self.who()
        await super().do_message(text)

    async def who(self):
        for user in self.server.online_map.values():
            self.send_message(phrases.IS_ONLINE.format(name=user.name))


class Server(stage4.Server):
    user_class = User
