"""It counts units of UTF-16, as Java and JavaScript do: an emoji is two."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "valid-names"


VALID = stage6.valid_name


def valid_name(name: str) -> bool:
    return VALID(name) and len(name.encode("utf-16-le")) <= 64


stage6.valid_name = valid_name
Server = stage6.Server


if __name__ == "__main__":
    command.main(Server)
