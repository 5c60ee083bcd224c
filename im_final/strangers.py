"""What comes to the wrong door: a browser, or a client that wants TLS. No I/O.

Both are told so in their own language, once, and nothing that they send is said in the room: a web
page that makes a browser post to this port must not be able to talk here.
"""

import re

REQUEST_LINE = re.compile(rb"[A-Z]{3,16} \S+ HTTP/\d(?:\.\d)?\r?")
BAD_REQUEST = (
    b"HTTP/1.1 400 Bad Request\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Connection: close\r\n"
    b"\r\n"
    b"This is a chat server. Use nc or telnet.\n"
)
HANDSHAKE = b"\x16\x03"  # A TLS record of type 22, version 3.x (RFC 8446, 5.1).
ALERT = b"\x15\x03\x01\x00\x02\x02\x46"  # Fatal alert 70, protocol_version (RFC 8446, 6.2).


def answer_to(data: bytes, longest: int) -> bytes | None:
    """What to answer to the first bytes of a connection and close; None for somebody who chats.

    A first line of more than `longest` bytes is too long, whatever it is: when it comes in pieces,
    nobody waits for its end.
    """
    if data.startswith(HANDSHAKE):
        return ALERT
    line, newline, _ = data.partition(b"\n")  # Half a line may be the beginning of another.
    if newline and REQUEST_LINE.fullmatch(line) and len(line) <= longest:
        return BAD_REQUEST
    return None
