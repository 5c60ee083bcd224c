class Counting(stage5.User):
    async def do_message(self, text):
        match text:
            case "count":
                await self.count()
            case _:
                await super().do_message(text)

    async def count(self):
        await self.answer(str(len(self.server.online_map)) + " online")


class CountingServer(stage5.Server):
    user_class = Counting
