"""Only chat moves the limit."""

from stages import command, stage7

STAGE = 7
CAUGHT_BY = "lines-are-activity"


class User(stage7.User):
    async def read_line(self) -> str | None:
        before = self.deadline.when()
        line = await super().read_line()
        if line and (line == "who" or line.startswith("rename|")):
            self.deadline.reschedule(before)
        return line


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
