"""A chat server to be put on the internet, and to be read.

    async with im_final.Server(port=0) as server:
        ...

`Options` lists what a server can be told. `python -m im_final serve` is the program around it. To
read it, begin with `docs/one-line-of-chat.md`, or with `log.py` and `connection.py`.
"""

from im_final.options import Options
from im_final.server import Server
from im_final.statistics import ConnectionStatistics, Counts, LinkStatistics, Statistics

__all__ = ["ConnectionStatistics", "Counts", "LinkStatistics", "Options", "Server", "Statistics"]
