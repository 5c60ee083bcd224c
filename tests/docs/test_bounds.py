"""What one connection can make the server keep, as `docs/running.md` has it."""

import gc
from collections.abc import Callable

import pytest

from im_final.log import BLOCK, Block, Log
from im_final.outbox import Outbox


class Deaf:
    """Somebody whose bell nobody hears."""

    def ring(self) -> None:
        """Nothing."""

    def write_first(self) -> None:
        """Nothing."""


def a_guest(log: Log) -> Outbox:
    """Before the password, during the TLS handshake: nothing in the room is for them yet."""
    return Outbox(log, Deaf())


def one_who_left(log: Log) -> Outbox:
    outbox = Outbox(log, Deaf())
    outbox.begin()
    outbox.end()
    return outbox


def one_who_takes_the_last_bytes(log: Log) -> Outbox:
    outbox = Outbox(log, Deaf())
    outbox.begin()
    log.append(b"for them, too\n")
    outbox.end()
    log.seal()
    assert outbox.take() == b"for them, too\n"
    return outbox


@pytest.mark.parametrize("made", [a_guest, one_who_left, one_who_takes_the_last_bytes])
def test_who_reads_none_of_the_log_keeps_none_of_it(made: Callable[[Log], Outbox]) -> None:
    before = blocks()
    log = Log()
    outbox = made(log)
    for _ in range(100):
        log.append(b"x" * BLOCK)
        assert outbox.take() == b""
    assert blocks() - before < 10


def blocks() -> int:
    """How many parts of logs are in memory."""
    gc.collect()
    return sum(isinstance(one, Block) for one in gc.get_objects())
