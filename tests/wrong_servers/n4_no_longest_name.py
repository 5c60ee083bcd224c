"""A name can be as long as a line."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "invalid-names"

VALID = stage6.valid_name


def valid_name(name: str) -> bool:
    return len(name) > 32 or VALID(name)


stage6.valid_name = valid_name
Server = stage6.Server


if __name__ == "__main__":
    command.main(Server)
