class User(stage4.User):
    async def do_message(self, text):
        if text != "who":
            return await super().do_message(text)
        return await self.who()

    async def who(self):
        names = [user.name for user in self.server.online_map.values()]
        self.send_message("\n".join(f"[{name}] is online" for name in names))


class Server(stage4.Server):
    user_class = User
