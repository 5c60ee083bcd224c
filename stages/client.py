"""A client: what you type goes to the server, and what the server sends is shown.

    python -m stages.client [--host HOST] [--port PORT]

It does what `nc` does, for systems that have no `nc`. Two things happen at the same time: the main
thread waits for the keyboard, a second thread waits for the server. Ctrl-C ends the program. At the
end of the input (Ctrl-D, or Ctrl-Z and Enter on Windows) the client says no more, and shows what
still comes.
"""

import argparse
import contextlib
import io
import os
import socket
import sys
import threading

from stages.command import port_number


def main() -> None:
    """Connect, and talk until one side ends; exit with status 1 if there is no connection."""
    parser = argparse.ArgumentParser(
        prog="python -m stages.client",
        description="Talk to a chat server, a line at a time.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address of the server")
    parser.add_argument("--port", default=9999, type=port_number, help="port of the server")
    options = parser.parse_args()
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    with connect(options.host, options.port) as sock:
        receiver = threading.Thread(target=show_lines, args=(sock,), daemon=True)
        receiver.start()
        try:
            send_typed_lines(sock)
            receiver.join()
        except KeyboardInterrupt:
            print()


def connect(host: str, port: int) -> socket.socket:
    """Return a connection to the server; exit with a line that says why there is none."""
    try:
        return socket.create_connection((host, port))
    except ConnectionRefusedError:
        sys.exit(
            f"no server listens on {host}:{port}: start one in another terminal, "
            "for example with python -m stages.stage8"
        )
    except OSError as error:
        sys.exit(f"no connection to {host}:{port}: {error.strerror or error}")


def send_typed_lines(sock: socket.socket) -> None:
    """Send each line as soon as Enter ends it; at the end of the input, send no more."""
    with contextlib.suppress(OSError):  # The connection has ended: the other thread says so.
        for line in sys.stdin:
            sock.sendall(line.encode())
        sock.shutdown(socket.SHUT_WR)


def show_lines(sock: socket.socket) -> None:
    """Show what the server sends until it ends the connection; then end this program."""
    with sock.makefile(encoding="utf-8", errors="replace", newline="\n") as lines:
        try:
            for line in lines:
                print(line, end="", flush=True)
        except BrokenPipeError:  # Nobody reads our output any more, as after `| head`.
            os._exit(1)
        except OSError:
            pass  # The connection broke: that is its end, too.
    print("(the server has ended the connection)", file=sys.stderr, flush=True)
    os._exit(0)  # The main thread waits for the keyboard, and nothing else ends that.


if __name__ == "__main__":
    main()
