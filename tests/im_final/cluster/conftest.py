"""A Redis for the tests that need one."""

from collections.abc import Iterator

import pytest

from tests.needs import need
from tools.soak.house import Store

pytest.register_assert_rewrite("tests.im_final.cluster.granted", "tests.im_final.cluster.nodes")


@pytest.fixture(scope="module")
def running_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A running redis-server, the same for all tests of a module."""
    need("redis-server")
    running = Store(tmp_path_factory.mktemp("redis"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def store(running_store: Store) -> Store:
    """A Redis in which nothing is."""
    running_store.client.flushall()
    return running_store
