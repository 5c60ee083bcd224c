"""The kick takes the user off the roster under the name they came with."""

from stages import command, phrases, stage7

STAGE = 7
CAUGHT_BY = "kicked-name-is-free"


class User(stage7.User):
    kicked = False

    def send_message(self, text: str) -> None:
        self.kicked = self.kicked or text == phrases.KICKED
        super().send_message(text)

    def offline(self) -> None:
        if self.kicked:
            self.server.online_map.pop(self.addr, None)
            self.server.broadcast(self, phrases.OFFLINE)
        else:
            super().offline()


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
