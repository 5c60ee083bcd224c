# told: Not right yet: who has left is not counted; but '2' where it should be '1': expected 1 online, got 2 online
# breaks: online-now
class Counting(stage5.User):
    def online(self):
        self.server.came += 1
        super().online()

    async def do_message(self, text):
        if text == "count":
            await self.answer(f"{self.server.came} online")
        else:
            await super().do_message(text)


class CountingServer(stage5.Server):
    user_class = Counting
    came = 0
