# told: Not what is expected: [ (left square bracket) where it should be '2'
class Counting(stage5.User):
    async def do_message(self, text):
        if text == "count":
            self.server.broadcast(self, f"{len(self.server.online_map)} online")
        else:
            await super().do_message(text)


class CountingServer(stage5.Server):
    user_class = Counting
