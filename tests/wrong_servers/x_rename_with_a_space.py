"""`rename bob` is a command as well."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "not-quite-rename"


class User(stage6.User):
    async def do_message(self, text: str) -> None:
        await super().do_message(text.replace("rename ", "rename|"))


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
