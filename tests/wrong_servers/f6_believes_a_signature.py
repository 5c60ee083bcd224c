"""A line that bears a signature already, of somebody online, is passed on as theirs."""

from stages import command, phrases, stage4

STAGE = 4
CAUGHT_BY = "forged-line"


class User(stage4.User):
    async def do_message(self, text: str) -> None:
        users = self.server.online_map.values()
        signed = [phrases.SAID.format(addr=user.addr, name=user.name, text="") for user in users]
        if text.startswith(tuple(signed)):
            for user in users:
                user.send_message(text)
        else:
            await super().do_message(text)


class Server(stage4.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)
