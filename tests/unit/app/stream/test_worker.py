"""A worker before it has a broker: its health port and its rebalances."""

from faust.types import TP

from tests.support.worker import without_broker


async def test_the_end_of_one_rebalance_does_not_end_the_next() -> None:
    app, partition = without_broker(), TP("a", 0)
    app.on_rebalance_start()
    await app.on_partitions_assigned.send({partition})
    app.on_rebalance_start()
    app.on_rebalance_end()
    assert app.rebalancing
    await app.on_partitions_assigned.send({partition})
    app.on_rebalance_end()
    assert not app.rebalancing
