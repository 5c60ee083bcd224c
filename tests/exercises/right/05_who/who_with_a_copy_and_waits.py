class User(stage4.User):
    async def do_message(self, text):
        match text:
            case "who":
                await self.who()
            case _:
                await super().do_message(text)

    async def who(self):
        lines = [
            phrases.IS_ONLINE.format(name=user.name)
            for user in list(self.server.online_map.values())
        ]
        for line in lines:
            self.send_message(line)
        self.flush()
        await self.writer.drain()


class Server(stage4.Server):
    user_class = User
