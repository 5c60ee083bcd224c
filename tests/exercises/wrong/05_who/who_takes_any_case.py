# told: Not right yet: a line that is not exactly `who` is said; but expected [127.0.0.1:bob]127.0.0.1:bob:WHO, got [127.0.0.1:alice] is online
# breaks: exactly
class User(stage4.User):
    async def do_message(self, text):
        if text.lower() == "who":
            await self.who()
        else:
            await super().do_message(text)

    async def who(self):
        for user in self.server.online_map.values():
            self.send_message(phrases.IS_ONLINE.format(name=user.name))


class Server(stage4.Server):
    user_class = User
