"""It has a rule for every character, and none for no character at all."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "invalid-names"


def valid_name(name: str) -> bool:
    return len(name) <= 32 and not any(char in "|[]" or char.isspace() for char in name)


stage6.valid_name = valid_name
Server = stage6.Server


if __name__ == "__main__":
    command.main(Server)
