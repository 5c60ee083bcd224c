"""It decodes what is said to all, and passes private bytes on as they came."""

from stages import command, stage8

STAGE = 8
CAUGHT_BY = "private-invalid-utf8"


class User(stage8.User):
    async def read_line(self) -> str | None:
        line = await super().read_line()
        return line.replace("\ufffd", "\udce9") if line and line.startswith("to|") else line

    def send_message(self, text: str) -> None:
        self.outbox += f"{text}\n".encode(errors="surrogateescape")
        self.arrived.set()


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
