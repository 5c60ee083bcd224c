"""A private line without a text is sent all the same."""

from stages import command, phrases, stage8

STAGE = 8
CAUGHT_BY = "empty-text"


class User(stage8.User):
    async def tell(self, name_and_text: str) -> None:
        name, bar, text = name_and_text.partition("|")
        target = self.server.online_map.get(name)
        if target and bar and not text:
            target.send_message(phrases.PRIVATE.format(sender=self.name, text=text))
        else:
            await super().tell(name_and_text)


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
