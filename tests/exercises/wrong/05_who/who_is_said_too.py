# told: Not right yet: `who` is answered with all who are online, in the order in which they joined, and ` who` is said; but expected [127.0.0.1:bob]127.0.0.1:bob: who, got [127.0.0.1:bob]127.0.0.1:bob:who
# breaks: exactly
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
