"""What all tests of the stages share."""

import gc
from collections.abc import Iterator

import pytest

# Let the helpers' assertions show their values, as those in the tests do.
pytest.register_assert_rewrite(
    *[f"tests.stages.{name}" for name in ("guests", "people", "scene", "turns")]
)


@pytest.fixture(scope="session", autouse=True)
def _what_is_there_before() -> None:
    """Looking for garbage need not look at all that was imported."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _leaves_no_garbage() -> Iterator[None]:
    """A socket or task that a test lost is found now, and fails that test and no other."""
    yield
    gc.collect()
