# told: Not right yet: a renamed user keeps their place in `who`; but alice: not in the order in which they joined: expected [adam] is online, got [127.0.0.1:carol] is online
# breaks: place
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
        and name not in ("who", "rename", "to")
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
            self.server.online_map[new] = self.server.online_map.pop(old)
            await self.answer(phrases.RENAMED.format(old=old, new=new))


class Server(stage5.Server):
    user_class = User
