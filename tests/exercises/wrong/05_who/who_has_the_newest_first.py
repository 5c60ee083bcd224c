# told: Not right yet: `who` is answered with all who are online, in the order in which they joined, and ` who` is said; but the right lines come in another order: first [127.0.0.1:bob] is online
# breaks: order
class User(stage4.User):
    async def do_message(self, text):
        if text == "who":
            await self.who()
        else:
            await super().do_message(text)

    async def who(self):
        for user in reversed(self.server.online_map.values()):
            self.send_message(phrases.IS_ONLINE.format(name=user.name))


class Server(stage4.Server):
    user_class = User
