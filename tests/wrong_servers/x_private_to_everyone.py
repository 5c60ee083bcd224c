"""A private line for everyone: it has the right words and the wrong readers."""

from stages import command, phrases, stage8

STAGE = 8
CAUGHT_BY = "private-line"


class User(stage8.User):
    async def tell(self, name_and_text: str) -> None:
        name, _, text = name_and_text.partition("|")
        if not text or name not in self.server.online_map:
            await super().tell(name_and_text)
            return
        for user in self.server.online_map.values():
            user.send_message(phrases.PRIVATE.format(sender=self.name, text=text))


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
