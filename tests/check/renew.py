"""Write the golden files anew after a deliberate change, and show what changed.

    python tests/check/renew.py [NAME ...]

Each NAME is a wrong server, as `c1_short_private_line`; without any, all are renewed, which takes
some minutes. Read the differences before you commit them: they are what learners will read.
"""

import argparse
import difflib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.check.wrong import GOLDEN, WrongServer, wrong_servers


def renew(server: WrongServer) -> str:
    """Write its golden file; returns the difference."""
    caught = server.caught()
    if caught is None:
        return f"{server.name} was not caught\n"
    old = server.golden.read_text(encoding="utf-8") if server.golden.exists() else ""
    server.golden.write_text(caught.text, encoding="utf-8")
    before, after = old.splitlines(True), caught.text.splitlines(True)
    return "".join(difflib.unified_diff(before, after, server.name, "renewed"))


def main() -> None:
    """Renew the servers that are named, or all; two at a time."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0], allow_abbrev=False
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    names = parser.parse_args().names
    servers = [server for server in wrong_servers() if not names or server.name in names]
    if unknown := set(names) - {server.name for server in servers}:
        parser.error(f"there is no wrong server {sorted(unknown)[0]!r}")
    GOLDEN.mkdir(exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        for difference in pool.map(renew, servers):
            print(difference, end="", flush=True)


if __name__ == "__main__":
    main()
