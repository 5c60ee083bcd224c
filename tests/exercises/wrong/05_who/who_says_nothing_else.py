# told: Not right yet: `who` is answered with all who are online, in the order in which they joined, and ` who` is said; but bob: nothing came in 2 s
# breaks: said
class User(stage4.User):
    async def do_message(self, text):
        if text == "who":
            await self.who()
        else:
            pass

    async def who(self):
        for user in self.server.online_map.values():
            self.send_message(phrases.IS_ONLINE.format(name=user.name))


class Server(stage4.Server):
    user_class = User
