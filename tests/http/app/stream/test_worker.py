"""The health port of a worker before it has a broker and during recovery."""

from collections.abc import AsyncIterator

import pytest
from faust.types import TP

from app.local.ports import reserved_ports
from app.main import detector
from app.settings import Settings
from app.stream.source.consumer import Consumer
from app.stream.worker import StreamApp
from tests.support.scrape import ask
from tests.support.worker import without_broker


@pytest.fixture
async def worker() -> AsyncIterator[tuple[StreamApp, int]]:
    """Yield a detector whose consumer has not started, and its health port."""
    with reserved_ports() as ports:
        app = without_broker(detector(Settings(_env_file=None)))
        await app._serve_health(ports.detector_health)
        yield app, ports.detector_health
        assert app._health is not None
        await app._health.cleanup()


async def test_the_health_port_answers_before_the_consumer_starts(worker: tuple[StreamApp, int]) -> None:
    _, port = worker
    assert await ask(port, "/livez") == (200, "live")
    status, why = await ask(port, "/readyz")
    assert status == 503
    assert why.startswith("waiting for Kafka at ")
    status, text = await ask(port, "/metrics")
    assert status == 200
    assert "geovelocity_ready 0.0" in text
    assert 'geovelocity_records_total{topic="locations"} 0.0' in text


async def test_the_health_port_answers_during_recovery(worker: tuple[StreamApp, int]) -> None:
    app, port = worker
    app._awaits_broker = False
    app.on_rebalance_start()
    Consumer.of(app).processed.start_at(TP("locations", 3), 7)
    assert await ask(port, "/livez") == (200, "live")
    assert await ask(port, "/readyz") == (503, "waiting for partitions and rows")
    status, text = await ask(port, "/metrics")
    assert status == 200
    assert 'geovelocity_position{partition="3",topic="locations"} 7.0' in text
    assert "geovelocity_rebalances_total 1.0" in text
