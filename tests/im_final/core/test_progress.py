"""What can be seen of a peer's progress."""

from asyncio import Transport
from typing import Any

from im_final.progress import progress


class Lost(Transport):
    """What a TLS transport is between the loss of its socket and the call of `connection_lost`."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ARG002
        """Nothing is known."""
        return default

    def get_write_buffer_size(self) -> int:
        """Some bytes wait."""
        return 7


def test_of_a_transport_without_a_socket_only_what_waits_is_seen() -> None:
    assert progress(Lost()) == (7, 0)
