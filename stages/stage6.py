"""Stage 6: rename.

`rename|NEW` changes the name that all others see, so a name must not pretend to be something else:
another user, a command, an address, a piece of the protocol. Checking a name and taking it are one
step, with no `await` between them: nobody can come in between.
"""

import ipaddress
import unicodedata

from stages import command, phrases, stage5

MAX_NAME = 32  # Characters; ergo's limit.
RESERVED = {"who", "rename", "to"}  # The command words.


def valid_name(name: str) -> bool:
    """Whether a user may be called `name`."""
    return (
        1 <= len(name) <= MAX_NAME
        and name not in RESERVED
        and not is_address(name)
        and not any(
            char in "|[]" or char.isspace() or unicodedata.category(char) in ("Cc", "Cf")
            for char in name
        )
    )


def is_address(name: str) -> bool:
    """Whether `name` looks like the `ip:port` that somebody is first called."""
    host, _, port = name.rpartition(":")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return port.isdecimal()


class User(stage5.User):
    """A user who can choose a name."""

    async def do_message(self, text: str) -> None:
        """Act on one line: `rename|NEW`, or as before."""
        if text.startswith("rename|"):
            await self.rename(text.removeprefix("rename|"))
        else:
            await super().do_message(text)

    async def rename(self, new: str) -> None:
        """Take the name `new` if it is valid and free, and say how that went."""
        if not valid_name(new):
            await self.answer(phrases.NAME_INVALID)
        elif new in self.server.online_map:
            await self.answer(phrases.NAME_TAKEN)
        else:
            old, self.name = self.name, new
            users = self.server.online_map.values()
            self.server.online_map = {user.name: user for user in users}  # Keeps the order.
            await self.answer(phrases.RENAMED.format(old=old, new=new))


class Server(stage5.Server):
    """A room in which names can change."""

    user_class = User


if __name__ == "__main__":
    command.main(Server)
