"""It forgets the brackets, with which a name can look like another line of the list."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "invalid-names"


def valid_name(name: str) -> bool:
    return 1 <= len(name) <= 32 and name.isprintable() and not any(char in "| " for char in name)


stage6.valid_name = valid_name
Server = stage6.Server


if __name__ == "__main__":
    command.main(Server)
