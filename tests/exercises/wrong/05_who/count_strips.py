# told: Not right yet: a line that is not exactly `count` is said; but expected [127.0.0.1:alice]127.0.0.1:alice: count, got 1 online
# breaks: exactly
class Counting(stage5.User):
    async def do_message(self, text):
        if text.strip() == "count":
            await self.answer(f"{len(self.server.online_map)} online")
        else:
            await super().do_message(text)


class CountingServer(stage5.Server):
    user_class = Counting
