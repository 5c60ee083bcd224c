# told: Not right yet: after the answer to the one who asked, everyone reads the old name; but alice: nothing came in 2 s
# breaks: to-all
class Announcing(stage6.User):
    async def rename(self, new):
        old = self.name
        await super().rename(new)
        if self.name != old:
            for user in self.server.online_map.values():
                if user is not self:
                    user.send_message(
                        phrases.SAID.format(addr=self.addr, name=self.name, text=f"was {old}")
                    )


class AnnouncingServer(stage6.Server):
    user_class = Announcing
