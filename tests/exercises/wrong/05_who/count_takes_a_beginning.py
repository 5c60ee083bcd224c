# told: Not right yet: `count` is answered with how many are online, `who` as before, and `counting is fun` is said; but a line comes again that had come before: 2 online
# breaks: exactly
class Counting(stage5.User):
    async def do_message(self, text):
        if text.startswith("count"):
            await self.answer(f"{len(self.server.online_map)} online")
        else:
            await super().do_message(text)


class CountingServer(stage5.Server):
    user_class = Counting
