"""The address still reaches one who has taken a name."""

from stages import command, stage8

STAGE = 8
CAUGHT_BY = "names-of-today"


class User(stage8.User):
    async def tell(self, name_and_text: str) -> None:
        name, bar, text = name_and_text.partition("|")
        now = [user.name for user in self.server.online_map.values() if user.addr == name]
        await super().tell((now[0] if now else name) + bar + text)


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
