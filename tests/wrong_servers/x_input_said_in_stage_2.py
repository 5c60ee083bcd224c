"""It passes on what a user says, one stage too early."""

from stages import command, stage3

STAGE = 2
CAUGHT_BY = "input-is-ignored"


Server = stage3.Server


if __name__ == "__main__":
    command.main(Server)
