def looks_like_address(name):
    host, _, port = name.rpartition(":")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return port.isdecimal()


import re

NAMES = re.compile(r"[^|\[\]\s]{1,32}")


def valid_name(name):
    categories = {unicodedata.category(char) for char in name}
    return bool(
        NAMES.fullmatch(name)
        and not any(char.isspace() for char in name)
        and categories.isdisjoint(["Cc", "Cf"])
        and name not in ["who", "rename", "to"]
        and not looks_like_address(name)
    )


class User(stage5.User):
    async def do_message(self, text):
        match text.split("|", 1):
            case ["rename", new]:
                await self.rename(new)
            case _:
                await super().do_message(text)

    async def rename(self, new):
        roster = self.server.online_map
        if not valid_name(new):
            line = phrases.NAME_INVALID
        elif any(user.name == new for user in roster.values()):
            line = phrases.NAME_TAKEN
        else:
            line = phrases.RENAMED.format(old=self.name, new=new)
            self.name = new
            self.server.online_map = dict((user.name, user) for user in roster.values())
        self.send_message(line)


class Server(stage5.Server):
    user_class = User
