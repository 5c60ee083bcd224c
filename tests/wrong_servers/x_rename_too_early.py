"""It has `rename` already, one stage too early."""

from stages import command, stage6

STAGE = 5
CAUGHT_BY = "rename-is-chat"


Server = stage6.Server


if __name__ == "__main__":
    command.main(Server)
