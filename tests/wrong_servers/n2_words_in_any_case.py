"""It refuses `Who` too, which is no command."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "valid-names"


VALID = stage6.valid_name


def valid_name(name: str) -> bool:
    return VALID(name) and name.lower() not in stage6.RESERVED


stage6.valid_name = valid_name
Server = stage6.Server


if __name__ == "__main__":
    command.main(Server)
