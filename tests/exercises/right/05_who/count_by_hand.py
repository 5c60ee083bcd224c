class Counting(stage5.User):
    async def do_message(self, text):
        if text == "count":
            number = 0
            for _ in self.server.online_map.values():
                number += 1
            self.send_message("%d online" % number)
            return
        await super().do_message(text)


class CountingServer(stage5.Server):
    user_class = Counting
