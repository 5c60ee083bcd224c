"""Stage 7: idle timeout.

Who has not sent a line for `idle_timeout` seconds is told so and shown out. There is one deadline
per user, moved on with each line (Go: a `select` with `time.After`), and it ends the conversation
whatever the user is waiting in. The way out is the same as for those who leave by themselves.

A deadline that is noticed late says something about the server, not about the user: the program was
stopped, or the machine slept, and what was typed meanwhile has not been read yet. Such a deadline
does not count.
"""

import asyncio
from dataclasses import dataclass

from stages import command, phrases, stage6

IDLE_TIMEOUT = 10.0  # Seconds; the tutorial's.
LATE = 0.5  # Seconds after a deadline; a loop that turns notices it within milliseconds.


class User(stage6.User):
    """A user who has to say something now and then."""

    server: "Server"

    async def converse(self) -> None:
        """As before, but not beyond the deadline."""
        while True:
            try:
                async with asyncio.timeout(self.server.idle_timeout) as self.deadline:
                    await super().converse()
                    return
            except TimeoutError:
                if not self.is_late():
                    break
        self.send_message(phrases.KICKED)

    async def read_line(self) -> str | None:
        """As before. A line, even an empty one, moves the deadline; half a line does not."""
        line = await super().read_line()
        now = asyncio.get_running_loop().time()
        self.deadline.reschedule(now + self.server.idle_timeout)
        return line

    def is_late(self) -> bool:
        """True if the deadline passed while the server stood still."""
        due = self.deadline.when()
        return due is not None and asyncio.get_running_loop().time() > due + LATE


@dataclass(eq=False)
class Server(stage6.Server):
    """A room that shows idle users out."""

    user_class = User
    idle_timeout: float = IDLE_TIMEOUT


if __name__ == "__main__":
    command.main(Server, idle_timeout=IDLE_TIMEOUT)
