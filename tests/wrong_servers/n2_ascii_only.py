"""It knows no letters but those of English."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "valid-names"


VALID = stage6.valid_name


def valid_name(name: str) -> bool:
    return VALID(name) and name.isascii()


stage6.valid_name = valid_name
Server = stage6.Server


if __name__ == "__main__":
    command.main(Server)
