"""It counts what is seen, not code points: accents are free."""

import unicodedata

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "invalid-names"


VALID = stage6.valid_name


def valid_name(name: str) -> bool:
    return VALID("".join(char for char in name if not unicodedata.combining(char)) or name[:1])


stage6.valid_name = valid_name
Server = stage6.Server


if __name__ == "__main__":
    command.main(Server)
