class Announcing(stage6.User):
    async def rename(self, new):
        before = self.name
        await stage6.User.rename(self, new)
        if before == self.name:
            return
        line = f"[{self.addr}]{self.name}:was {before}"
        for user in list(self.server.online_map.values()):
            user.send_message(line)


class AnnouncingServer(stage6.Server):
    user_class = Announcing
