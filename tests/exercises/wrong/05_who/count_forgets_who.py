# told: Not right yet: `count` is answered with how many are online, `who` as before, and `counting is fun` is said; but alice: nothing came in 2 s
# breaks: who-works
class Counting(stage5.User):
    async def do_message(self, text):
        if text == "count":
            await self.answer(f"{len(self.server.online_map)} online")
        else:
            self.server.broadcast(self, text)


class CountingServer(stage5.Server):
    user_class = Counting
