# told: Not what is expected: a line that came before comes again
class Counting(stage5.User):
    async def do_message(self, text):
        if text.startswith("count"):
            await self.answer(f"{len(self.server.online_map)} online")
        else:
            await super().do_message(text)


class CountingServer(stage5.Server):
    user_class = Counting
