"""It refuses a line of 4,096 bytes, which is the longest that is allowed."""

from stages import command, stage3

STAGE = 3
CAUGHT_BY = "long-line"

stage3.MAX_LINE -= 1
Server = stage3.Server


if __name__ == "__main__":
    command.main(Server)
