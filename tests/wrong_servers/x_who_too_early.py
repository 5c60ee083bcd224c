"""It has `who` already, one stage too early."""

from stages import command, stage5

STAGE = 4
CAUGHT_BY = "who-is-chat"


Server = stage5.Server


if __name__ == "__main__":
    command.main(Server)
