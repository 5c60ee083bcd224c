"""The password of a closed room, and how often a connection may try. No I/O."""

import hmac
from pathlib import Path

ATTEMPTS = 3  # Wrong passwords, after which a connection is closed; as sshd has half of its 6.


class Password:
    """What has to be typed first."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    def read(cls, path: str) -> "Password":
        """The first line of a file. Raises OSError, and ValueError when it is empty."""
        secret = Path(path).read_bytes().partition(b"\n")[0].removesuffix(b"\r")
        if not secret:
            raise ValueError(f"the first line of {path} is empty; it must be the password")
        return cls(secret)

    def matches(self, line: bytes) -> bool:
        """Compare in a time that does not depend on where the difference is."""
        return hmac.compare_digest(self._secret, line.removesuffix(b"\r"))
