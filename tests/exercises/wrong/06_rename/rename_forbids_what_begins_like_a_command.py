# told: Not right yet: `valid_name` knows which names are valid; but for 'todd' expected True, got False
# breaks: commands
def looks_like_address(name):
    host, _, port = name.rpartition(":")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return port.isdecimal()


def valid_name(name):
    return (
        1 <= len(name) <= 32
        and not name.startswith(("who", "rename", "to"))
        and not looks_like_address(name)
        and not any(
            char in "|[]" or char.isspace() or unicodedata.category(char) in ("Cc", "Cf")
            for char in name
        )
    )


class User(stage5.User):
    async def do_message(self, text):
        if text.startswith("rename|"):
            await self.rename(text.removeprefix("rename|"))
        else:
            await super().do_message(text)

    async def rename(self, new):
        if not valid_name(new):
            await self.answer(phrases.NAME_INVALID)
        elif new in self.server.online_map:
            await self.answer(phrases.NAME_TAKEN)
        else:
            old, self.name = self.name, new
            users = self.server.online_map.values()
            self.server.online_map = {user.name: user for user in users}
            await self.answer(phrases.RENAMED.format(old=old, new=new))


class Server(stage5.Server):
    user_class = User
