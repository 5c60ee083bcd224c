def looks_like_address(name):
    host, _, port = name.rpartition(":")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return port.isdecimal()


def check(char):
    return not (
        char in ("|", "[", "]") or char.isspace() or unicodedata.category(char)[:2] in ("Cc", "Cf")
    )


def valid_name(name):
    length = len(name)
    return (
        length in range(1, 33)
        and all(map(check, name))
        and not (name == "who" or name == "rename" or name == "to")
        and looks_like_address(name) is False
    )


class User(stage5.User):
    async def do_message(self, text):
        if text[:7] == "rename|":
            await self.rename(text[7:])
        else:
            await super().do_message(text)

    async def rename(self, new):
        answer = self.renamed(new)
        await self.answer(answer)

    def renamed(self, new):
        if not valid_name(new):
            return phrases.NAME_INVALID
        if new in self.server.online_map:
            return phrases.NAME_TAKEN
        old, self.name = self.name, new
        users = list(self.server.online_map.values())
        self.server.online_map.clear()
        for user in users:
            self.server.online_map[user.name] = user
        return phrases.RENAMED.format(old=old, new=new)


class Server(stage5.Server):
    user_class = User
