"""The sender gets a copy; the protocol sends the line to the target alone."""

from stages import command, phrases, stage8

STAGE = 8
CAUGHT_BY = "private-line"


class User(stage8.User):
    async def tell(self, name_and_text: str) -> None:
        await super().tell(name_and_text)
        name, _, text = name_and_text.partition("|")
        if text and name in self.server.online_map:
            self.send_message(phrases.PRIVATE.format(sender=self.name, text=text))


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
