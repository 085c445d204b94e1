"""Input of the contestants: 50 fixes to one payment, written to the topics before the start."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from app.kafka.client import client_options
from app.settings import Settings
from tests.support.make import CARD, HOME, NOON_MS

PAYMENT_EVERY = 50
SEED = 1
STOLEN_SHARE = 0.01
BATCH_BYTES = 900_000

_partition = DefaultPartitioner()


def records(fixes: int, devices: int, seed: int = SEED) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Yield topic, device and record: a fix per second and device, with payments among them."""
    chance = random.Random(seed)
    for number in range(fixes):
        at_ms = NOON_MS + number // devices * 1000
        device = f"phone-{number % devices:06}"
        yield "locations", device, _push(number, device, at_ms)
        if number % PAYMENT_EVERY == 0:
            payer = f"phone-{chance.randrange(devices):06}"
            yield "transactions", payer, _payment(number, payer, at_ms, stolen=chance.random() < STOLEN_SHARE)


class EncodedRecord(NamedTuple):
    """A record as bytes, with its topic and partition. `transaction`: id of a payment."""

    partition: tuple[str, int]
    key: bytes
    value: bytes
    transaction: str | None


def encoded(settings: Settings, fixes: int, devices: int) -> Iterator[EncodedRecord]:
    """Yield the records as bytes, with their topic and partition."""
    partitions = list(range(settings.partitions))
    for name, device, record in records(fixes, devices):
        key = device.encode()
        partition = getattr(settings.topics, name), _partition(key, partitions, partitions)
        yield EncodedRecord(partition, key, json.dumps(record).encode(), str(record.get("transaction_id", "")) or None)


class Sender:
    """A sender of full record batches, which cost a client far less than single records."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._batches: defaultdict[tuple[str, int], Any] = defaultdict(producer.create_batch)

    async def add(self, record: EncodedRecord) -> None:
        if self._batches[record.partition].append(timestamp=None, key=record.key, value=record.value) is None:
            await self._send(record.partition)
            self._batches[record.partition].append(timestamp=None, key=record.key, value=record.value)

    async def flush(self) -> None:
        """Send incomplete batches. Return before they are delivered."""
        for partition in list(self._batches):
            await self._send(partition)

    async def _send(self, partition: tuple[str, int]) -> None:
        batch = self._batches.pop(partition)
        batch.close()
        await self._producer.send_batch(batch, partition[0], partition=partition[1])


async def fill(settings: Settings, fixes: int, devices: int) -> int:
    """Write the input to the topics and return the number of records."""
    producer = AIOKafkaProducer(**client_options(settings), acks="all", max_batch_size=BATCH_BYTES)
    await producer.start()
    sender, count = Sender(producer), 0
    for record in encoded(settings, fixes, devices):
        await sender.add(record)
        count += 1
    await sender.flush()
    await producer.stop()
    return count


def _push(number: int, device: str, at_ms: int) -> dict[str, object]:
    fix = {
        "at_ms": at_ms,
        "latitude": HOME[0],
        "longitude": HOME[1],
        "altitude_m": 27.1,
        "speed_mps": 0.5,
        "bearing_deg": 181.0,
        "horizontal_accuracy_m": 5.0,
        "vertical_accuracy_m": 3.0,
    }
    return {
        "device_id": device,
        "session_id": "bench",
        "message_id": number,
        "source": "bench",
        "received_at_ms": at_ms + 100,
        "fixes": [fix],
    }


def _payment(number: int, device: str, at_ms: int, *, stolen: bool) -> dict[str, object]:
    return {
        "transaction_id": f"tx-{number}",
        "user_id": f"user-of-{device}",
        "device_id": device,
        "timestamp": at_ms / 1000,
        "amount": "12.50",
        "currency": "USD",
        "card_number": CARD,
        "merchant_id": "m1",
        "merchant": "Corner Shop",
        "latitude": HOME[0] + (2.0 if stolen else 0.0),
        "longitude": HOME[1],
    }
