"""A chat server to be put on the internet, and to be read.

    async with im_final.Server(port=0) as server:
        ...

`Options` lists what a server can be told. `python -m im_final serve` is the program around it. To
read it, begin with `docs/one-line-of-chat.md`, or with `log.py` and `connection.py`.
"""

import sys

if sys.version_info < (3, 11):  # Before all imports, in the syntax of older Pythons.
    sys.exit(
        "Python %d.%d is too old for im_final, which needs 3.11 or newer. "
        "Install one from https://www.python.org/downloads/ and call it by its name: "
        "python3.13 -m im_final serve" % sys.version_info[:2]
    )

from im_final.options import Options
from im_final.server import Server
from im_final.statistics import ConnectionStatistics, Counts, LinkStatistics, Statistics

__all__ = ["ConnectionStatistics", "Counts", "LinkStatistics", "Options", "Server", "Statistics"]
