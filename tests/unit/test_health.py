"""What a worker answers about itself, at whatever moment it is asked."""

from collections.abc import AsyncIterator

import pytest
from faust.types import TP

from app.local.ports import reserved_ports
from app.main import detector
from app.settings import Settings
from app.stream.health import Health
from app.stream.source.consumer import Consumer
from app.stream.worker import StreamApp
from tests.support.scrape import ask


@pytest.fixture
async def worker() -> AsyncIterator[tuple[StreamApp, int]]:
    """A detector whose consumer has not started, and the port it answers on."""
    with reserved_ports() as ports:
        app = detector(Settings(_env_file=None))
        Consumer.of(app)._thread.thread_loop.close()
        health = Health(app, ports.detector_health)
        await health.start()
        yield app, ports.detector_health
        await health.stop()


async def test_all_is_answered_before_there_is_a_consumer(worker: tuple[StreamApp, int]) -> None:
    _, port = worker
    assert await ask(port, "/livez") == (200, "live")
    status, why = await ask(port, "/readyz")
    assert status == 503
    assert why.startswith("waiting for Kafka at ")
    status, told = await ask(port, "/metrics")
    assert status == 200
    assert "geovelocity_ready 0.0" in told
    assert 'geovelocity_records_total{topic="locations"} 0.0' in told


async def test_all_is_answered_while_rows_are_recovered(worker: tuple[StreamApp, int]) -> None:
    app, port = worker
    app._asks_broker = False
    app.on_rebalance_start()
    Consumer.of(app).positions.start_at(TP("locations", 3), 7)
    assert await ask(port, "/livez") == (200, "live")
    assert await ask(port, "/readyz") == (503, "waiting for partitions and rows")
    status, told = await ask(port, "/metrics")
    assert status == 200
    assert 'geovelocity_position{partition="3",topic="locations"} 7.0' in told
    assert "geovelocity_rebalances_total 1.0" in told
