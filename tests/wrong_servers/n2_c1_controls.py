"""It knows the control characters of ASCII, and no others."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "invalid-names"


VALID = stage6.valid_name


def valid_name(name: str) -> bool:
    return VALID("".join(char for char in name if char not in "\x80\x85\x9f") or (name and "x"))


stage6.valid_name = valid_name
Server = stage6.Server


if __name__ == "__main__":
    command.main(Server)
