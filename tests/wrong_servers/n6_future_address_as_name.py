"""It refuses the addresses of those who are online, and no others."""

from stages import command, phrases, stage6

STAGE = 6
CAUGHT_BY = "address-as-name"

VALID = stage6.valid_name


def valid_name(name: str) -> bool:
    return VALID(name) or stage6.is_address(name)


class User(stage6.User):
    async def rename(self, new: str) -> None:
        if new in [user.addr for user in self.server.online_map.values()]:
            await self.answer(phrases.NAME_INVALID)
        else:
            await super().rename(new)


class Server(stage6.Server):
    user_class = User


stage6.valid_name = valid_name

if __name__ == "__main__":
    command.main(Server)
