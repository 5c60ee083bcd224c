def looks_like_address(name):
    host, _, port = name.rpartition(":")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return port.isdecimal()


FORBIDDEN = {"who", "rename", "to"}


def valid_name(name):
    if not name or len(name) > 32:
        return False
    if name in FORBIDDEN or looks_like_address(name):
        return False
    for char in name:
        if char in "|[]" or char.isspace():
            return False
        if unicodedata.category(char) in {"Cc", "Cf"}:
            return False
    return True


class User(stage5.User):
    async def do_message(self, text):
        command, bar, new = text.partition("|")
        if command == "rename" and bar:
            await self.rename(new)
            return
        await super().do_message(text)

    async def rename(self, new):
        if not valid_name(new):
            return await self.answer(phrases.NAME_INVALID)
        if new in self.server.online_map:
            return await self.answer(phrases.NAME_TAKEN)
        old = self.name
        self.name = new
        roster = self.server.online_map
        self.server.online_map = {
            new if name == old else name: user for name, user in roster.items()
        }
        return await self.answer(phrases.RENAMED.format(old=old, new=new))


class Server(stage5.Server):
    user_class = User
