"""Telnet's commands, taken out of the stream and answered (RFC 854, 855). No I/O.

A telnet client may talk about options in the middle of the text. The byte that begins a command,
0xFF, is in no UTF-8 text, so nothing is lost by looking for it; what begins with it and is no
command stays where it is, and makes its line invalid. Every offer is declined. One answer matters:
on Ctrl-C, Debian's telnet sends DO TIMING-MARK and shows nothing more until somebody replies
(RFC 860).

A command never has a line ending in it here. That leaves out options that nobody has used since
RFC 652, and bytes that only look like telnet cannot hide the end of a line.
"""

import re

IAC = b"\xff"  # Interpret as command.
SUBNEGOTIATION = rb"\xfa(?:[^\xff\r\n]|\xff[^\xf0\r\n]){0,256}"
OFFER = re.compile(rb"\xff([\xfb\xfd])([^\r\n])", re.DOTALL)
COMMAND = re.compile(
    rb"\xff(?:[\xf1-\xf9]|[\xfb-\xfe][^\r\n]|" + SUBNEGOTIATION + rb"\xff\xf0)", re.DOTALL
)
INCOMPLETE = re.compile(rb"\xff(?:[\xfb-\xfe]|" + SUBNEGOTIATION + rb"\xff?)?\Z", re.DOTALL)
DECLINED = {b"\xfb": b"\xfe", b"\xfd": b"\xfc"}  # WILL with DONT, DO with WONT.


class Telnet:
    """Separates text from commands; keeps a command that has not come whole."""

    __slots__ = ("rest",)

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """The text in `data`, and what to reply to the commands in it."""
        data = self.rest + data
        cut = INCOMPLETE.search(data)
        whole, self.rest = (data[: cut.start()], cut[0]) if cut else (data, b"")
        offers = (OFFER.fullmatch(command) for command in COMMAND.findall(whole))
        replies = [IAC + DECLINED[offer[1]] + offer[2] for offer in offers if offer]
        return COMMAND.sub(b"", whole), b"".join(replies)
