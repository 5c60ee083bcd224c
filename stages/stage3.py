"""Stage 3: broadcast.

What a user says goes to everyone online, and so does the news that they left. TCP carries a stream
of bytes, not messages: one read may bring half a line or ten. A line is what ends with a newline,
so the bytes that have come are kept until one does.
"""

import asyncio

from stages import command, phrases, stage2

MAX_LINE = 4096  # Bytes before the newline; as NATS has it. IRC allows 512.


class User(stage2.User):
    """A user who can be listened to, line by line."""

    unread = b""  # What has come after the last newline.

    async def read_line(self) -> str | None:
        """The next line without its ending, or None when there are no more.

        The end of the input ends the last line. A line over MAX_LINE is refused and is the last.
        The byte order mark that Windows may put before a line (utf-8-sig) is no text.
        """
        await asyncio.sleep(0)  # One line a turn: who sends many leaves room for the others.
        while b"\n" not in self.unread and len(self.unread) <= MAX_LINE:
            chunk = await self.reader.read(4096)
            if not chunk:
                break
            self.unread += chunk
        line, newline, self.unread = self.unread.partition(b"\n")
        if len(line) > MAX_LINE:
            self.send_message(phrases.TOO_LONG)
            return None
        if not line and not newline:
            return None
        return line.removesuffix(b"\r").decode("utf-8-sig", errors="replace")


class Server(stage2.Server):
    """A room in which people talk."""

    async def stop(self) -> None:
        """End every conversation. All leave at once, so there is nobody left to tell."""
        self.online_map.clear()
        await super().stop()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Announce a user, pass on what they say until the end, announce that they left."""
        user = User(reader, writer)
        self.online_map[user.name] = user
        self.broadcast(user, phrases.ONLINE)
        try:
            while (line := await user.read_line()) is not None:
                if line:
                    self.broadcast(user, line)
        finally:
            self.online_map.pop(user.name, None)
            self.broadcast(user, phrases.OFFLINE)
            user.goodbye()


if __name__ == "__main__":
    command.main(Server)
