# told: Not right yet: `count` is answered with how many are online, `who` as before, and `counting is fun` is said; but expected [127.0.0.1:alice] is online, got [127.0.0.1:alice]127.0.0.1:alice:count
# breaks: only-asker
class Counting(stage5.User):
    async def do_message(self, text):
        if text == "count":
            await self.answer(f"{len(self.server.online_map)} online")
            await super().do_message(text)
        else:
            await super().do_message(text)


class CountingServer(stage5.Server):
    user_class = Counting
