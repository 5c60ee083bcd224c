# told: Not right yet: `count` is answered with how many are online, `who` as before, and `counting is fun` is said; but '1' where it should be '2': expected 2 online, got 1 online
# breaks: online-now
class Counting(stage5.User):
    async def do_message(self, text):
        if text == "count":
            await self.answer(f"{len(self.server.online_map) - 1} online")
        else:
            await super().do_message(text)


class CountingServer(stage5.Server):
    user_class = Counting
