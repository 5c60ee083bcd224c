# told: Not right yet: an announcement waits for nobody: a user who does not read keeps it from no other; but bob: nothing came in 2 s
# breaks: waits-for-nobody
class Announcing(stage6.User):
    async def rename(self, new):
        old = self.name
        await super().rename(new)
        if self.name != old:
            line = phrases.SAID.format(addr=self.addr, name=self.name, text=f"was {old}")
            for user in list(self.server.online_map.values()):
                await user.answer(line)


class AnnouncingServer(stage6.Server):
    user_class = Announcing
