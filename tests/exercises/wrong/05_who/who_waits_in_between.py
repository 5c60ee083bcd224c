# told: Not right yet: a user who comes while the roster is walked does no harm, and is not in the answer; but your code raised an error: RuntimeError: dictionary changed size during iteration
# breaks: no-await
class User(stage4.User):
    async def do_message(self, text):
        if text == "who":
            await self.who()
        else:
            await super().do_message(text)

    async def who(self):
        for user in self.server.online_map.values():
            self.send_message(phrases.IS_ONLINE.format(name=user.name))
            await asyncio.sleep(0)


class Server(stage4.Server):
    user_class = User
