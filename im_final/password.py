"""The password of a closed room, and how often a connection may try. No I/O."""

import hmac
from pathlib import Path

from im_final.text_file import text_in
from im_final.wire import MARK

ATTEMPTS = 3  # Wrong passwords, after which a connection is closed; as sshd has half of its 6.


class Password:
    """What has to be typed first."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    def read(cls, path: str, longest: int) -> "Password":
        """The first line of a file. Raises OSError, and ValueError if nobody could type that.

        Nobody can type a line that is empty, has more than `longest` bytes, or is not UTF-8.
        """
        try:
            text = text_in(Path(path).read_bytes())
        except ValueError as error:
            raise ValueError(f"cannot use {path} as password file: {error}") from None
        secret = text.partition("\n")[0].removesuffix("\r").encode()
        if not secret:
            raise ValueError(f"the first line of {path} is empty; it must be the password")
        if len(secret) > longest:
            size = f"{len(secret)} bytes, and a line has at most {longest}"
            raise ValueError(f"the first line of {path}, the password, has {size}")
        return cls(secret)

    def matches(self, line: bytes) -> bool:
        """Compare in a time that does not depend on where the difference is."""
        return hmac.compare_digest(self._secret, line.removeprefix(MARK).removesuffix(b"\r"))
