# told: Not right yet: the order is that in which they joined, not that of names or addresses; but the right lines come in another order: first [10.0.0.1:9] is online
# breaks: order
class User(stage4.User):
    async def do_message(self, text):
        if text == "who":
            await self.who()
        else:
            await super().do_message(text)

    async def who(self):
        for user in sorted(self.server.online_map.values(), key=lambda user: user.addr):
            self.send_message(phrases.IS_ONLINE.format(name=user.name))


class Server(stage4.Server):
    user_class = User
