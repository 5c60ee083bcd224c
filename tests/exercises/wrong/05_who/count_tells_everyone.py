# told: Not right yet: `count` is answered with how many are online, `who` as before, and `counting is fun` is said; but expected 2 online, got [127.0.0.1:alice]127.0.0.1:alice:2 online
# breaks: only-asker
class Counting(stage5.User):
    async def do_message(self, text):
        if text == "count":
            self.server.broadcast(self, f"{len(self.server.online_map)} online")
        else:
            await super().do_message(text)


class CountingServer(stage5.Server):
    user_class = Counting
