"""A producer that connects when it is first used."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from app.kafka import producer as producer_module
from app.kafka.producer import LazyProducer
from app.settings import Settings


class FakeDriver:
    """The driver's producer. It fails to start while `available` is False."""

    available = True
    made: list["FakeDriver"] = []  # noqa: RUF012 - reset by the fixture

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.state = "made"
        FakeDriver.made.append(self)

    async def start(self) -> None:
        await asyncio.sleep(0)
        if not FakeDriver.available:
            raise KafkaConnectionError("no broker")
        self.state = "started"

    async def stop(self) -> None:
        self.state = "stopped"


@pytest.fixture
def producer(monkeypatch: pytest.MonkeyPatch) -> LazyProducer:
    FakeDriver.available, FakeDriver.made = True, []
    monkeypatch.setattr(producer_module, "AIOKafkaProducer", FakeDriver)
    return LazyProducer(Settings(_env_file=None), idempotent=True)


async def test_concurrent_first_uses_share_one_connection(producer: LazyProducer) -> None:
    first, second = await asyncio.gather(producer.connected(), producer.connected())
    assert first is second
    (driver,) = FakeDriver.made
    assert (driver.state, driver.options["acks"], driver.options["enable_idempotence"]) == ("started", "all", True)


async def test_a_failed_connection_is_closed_and_tried_again_at_the_next_use(producer: LazyProducer) -> None:
    FakeDriver.available = False
    with pytest.raises(KafkaConnectionError):
        await producer.connected()
    FakeDriver.available = True
    await producer.connected()
    assert [driver.state for driver in FakeDriver.made] == ["stopped", "started"]


async def test_an_unused_producer_closes_without_a_connection(producer: LazyProducer) -> None:
    await producer.close()
    assert FakeDriver.made == []
    await producer.connected()
    await producer.close()
    assert [driver.state for driver in FakeDriver.made] == ["stopped"]
