"""The list has the order of a hash table."""

from stages import command, phrases, stage5

STAGE = 5
CAUGHT_BY = "who-in-join-order"


class User(stage5.User):
    async def who(self) -> None:
        users = list(self.server.online_map.values())
        users = [users[n] for n in HASHED if n < len(users)] + users[len(HASHED) :]
        await self.answer(*[phrases.IS_ONLINE.format(name=user.name) for user in users])


HASHED = [5, 2, 7, 0, 3, 6, 1, 4]


class Server(stage5.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
