"""What the tests of the lab share."""

import gc
from collections.abc import Iterator

import pytest

from stages.lab import Room


@pytest.fixture(autouse=True)
def _all_rooms_are_closed() -> Iterator[None]:
    """No test leaves a server behind for the next one."""
    yield
    Room.close_all()
    gc.collect()  # What a room has lost is found now, and fails this test and no other.
