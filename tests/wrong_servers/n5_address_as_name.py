"""A name may look like an address, and then somebody else comes from there."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "address-as-name"

VALID = stage6.valid_name


def valid_name(name: str) -> bool:
    return VALID(name) or stage6.is_address(name)


stage6.valid_name = valid_name
Server = stage6.Server


if __name__ == "__main__":
    command.main(Server)
