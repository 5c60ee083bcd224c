"""The measurement of a room on many nodes: one load for a moment, and the table."""

from benchmarks import cluster
from benchmarks.fan_in import cost_of_an_entry
from tests.needs import need


def test_three_nodes_are_measured() -> None:
    need("redis-server")
    set_up = cluster.SET_UPS[2]
    figures = cluster.measure(
        set_up, {**cluster.LOADS["echo, 1 talker"], "seconds": 0.3}, "asyncio"
    )
    assert figures["lines_per_second"] > 0
    assert figures["entries"] > 3
    assert 0 < figures["ping"] < figures["turn"] < 1
    [_, _, row] = cluster.rows([("echo, 1 talker", set_up.name, figures)])
    assert row.startswith("| echo, 1 talker | three nodes, over Redis | ")


def test_what_an_entry_costs_redis_is_measured() -> None:
    need("redis-server")
    with cluster.store() as store:
        assert 0 < cost_of_an_entry(store, 3, 0.3) < 0.1
