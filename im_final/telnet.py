"""Telnet's commands, taken out of the stream and answered (RFC 854, 855). No I/O.

A telnet client may talk about options in the middle of the text. The byte that begins a command,
0xFF, is in no UTF-8 text, so nothing is lost by looking for it; what begins with it and is no
command stays where it is, and makes its line invalid. Every offer is declined. One answer matters:
on Ctrl-C, Debian's telnet sends DO TIMING-MARK and shows nothing more until somebody replies
(RFC 860).

A command never has a line ending in it here. That leaves out options that nobody has used since
RFC 652, and bytes that only look like telnet cannot hide the end of a line. What is searched for
reads every byte at most twice, whatever they are: nobody can make it work by sending rubbish.
"""

import re

IAC = b"\xff"  # Interpret as command.
TOKEN = re.compile(
    rb"""\xff(?:
        (?P<escaped> \xff)  # The byte itself; in no UTF-8 text, so it is left as it is.
      | (?P<offer> [\xfb-\xfe][^\r\n])  # WILL, WONT, DO, DONT.
      | (?P<other> [\xf1-\xf9] | \xfa(?:[^\xff\r\n]|\xff\xff){0,256}+\xff\xf0)
      | (?P<begun> (?:[\xfb-\xfe] | \xfa(?:[^\xff\r\n]|\xff\xff){0,256}+\xff?)?\Z)
    )""",
    re.VERBOSE,
)
DECLINED = {b"\xfb": b"\xfe", b"\xfd": b"\xfc"}  # WILL with DONT, DO with WONT.


class Telnet:
    """Separates text from commands; counts them, and keeps one that has not come whole."""

    __slots__ = ("commands", "rest")

    def __init__(self) -> None:
        self.rest = b""
        self.commands = 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """The text in `data`, and what to reply to the commands in it."""
        data, self.rest = self.rest + data, b""
        replies: list[bytes] = []

        def text_in(token: re.Match[bytes]) -> bytes:
            if token["escaped"]:
                return token[0]
            if token["begun"] is not None:
                self.rest = token[0]
                return b""
            self.commands += 1
            if token["offer"] and (reply := DECLINED.get(token["offer"][:1])):
                replies.append(IAC + reply + token["offer"][1:])
            return b""

        return TOKEN.sub(text_in, data), b"".join(replies)
