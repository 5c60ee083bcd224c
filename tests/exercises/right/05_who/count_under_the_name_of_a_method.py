class Counting(stage5.User):
    commands = ("count",)

    async def do_message(self, text):
        if text in self.commands:
            await getattr(self, text)()
        else:
            await stage5.User.do_message(self, text)

    async def count(self):
        everyone = {user.addr for user in self.server.online_map.values()}
        await self.answer(f"{len(everyone)} online")


class CountingServer(stage5.Server):
    user_class = Counting
