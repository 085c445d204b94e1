"""Input of the contestants: fixes and payments, 50 to 1, written to the topics before the start."""

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
    """(topic, device, record): each device a fix a second, and a payment beside it now and then."""
    chance = random.Random(seed)
    for number in range(fixes):
        at_ms = NOON_MS + number // devices * 1000
        device = f"phone-{number % devices:06}"
        yield "locations", device, _push(number, device, at_ms)
        if number % PAYMENT_EVERY == 0:
            payer = f"phone-{chance.randrange(devices):06}"
            yield "transactions", payer, _payment(number, payer, at_ms, stolen=chance.random() < STOLEN_SHARE)


class Sent(NamedTuple):
    """A record as it goes to its place on a topic. `transaction`: of a payment its id."""

    place: tuple[str, int]
    key: bytes
    value: bytes
    transaction: str | None


def encoded(settings: Settings, fixes: int, devices: int) -> Iterator[Sent]:
    """The records, where they go and as bytes."""
    partitions = list(range(settings.partitions))
    for name, device, record in records(fixes, devices):
        key = device.encode()
        place = getattr(settings.topics, name), _partition(key, partitions, partitions)
        yield Sent(place, key, json.dumps(record).encode(), str(record.get("transaction_id", "")) or None)


class Sender:
    """Fills record batches, which cost a client far less than single records, and sends each when it is full."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._batches: defaultdict[tuple[str, int], Any] = defaultdict(producer.create_batch)

    async def add(self, sent: Sent) -> None:
        if self._batches[sent.place].append(timestamp=None, key=sent.key, value=sent.value) is None:
            await self._send(sent.place)
            self._batches[sent.place].append(timestamp=None, key=sent.key, value=sent.value)

    async def flush(self) -> None:
        """Sends what is there. Returns before it is delivered."""
        for place in list(self._batches):
            await self._send(place)

    async def _send(self, place: tuple[str, int]) -> None:
        batch = self._batches.pop(place)
        batch.close()
        await self._producer.send_batch(batch, place[0], partition=place[1])


async def fill(settings: Settings, fixes: int, devices: int) -> int:
    """Writes them and returns how many records that were."""
    producer = AIOKafkaProducer(**client_options(settings), acks="all", max_batch_size=BATCH_BYTES)
    await producer.start()
    sender, count = Sender(producer), 0
    for sent in encoded(settings, fixes, devices):
        await sender.add(sent)
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
