"""It has `to` already, one stage too early."""

from stages import command, stage8

STAGE = 7
CAUGHT_BY = "to-is-chat"


Server = stage8.Server


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)
