"""The beginning of a name is enough for it."""

from stages import command, stage8

STAGE = 8
CAUGHT_BY = "name-to-the-letter"


class User(stage8.User):
    async def tell(self, name_and_text: str) -> None:
        name, bar, text = name_and_text.partition("|")
        like = [one for one in self.server.online_map if name and one.startswith(name)]
        await super().tell((like[0] if like else name) + bar + text)


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
