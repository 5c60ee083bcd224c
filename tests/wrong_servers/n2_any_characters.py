"""It asks only for a length from 1 to 32."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "invalid-names"


def valid_name(name: str) -> bool:
    return 1 <= len(name) <= 32 and "|" not in name


stage6.valid_name = valid_name
Server = stage6.Server


if __name__ == "__main__":
    command.main(Server)
