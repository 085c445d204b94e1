"""What the contestants eat: fixes and payments, 50 to 1, written to the topics before anyone starts."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from app.kafka import client_options
from app.settings import Settings
from tests.support.make import CARD, HOME, NOON_MS

PAYMENT_EVERY = 50
STOLEN_SHARE = 0.01
BATCH_BYTES = 900_000

_partition = DefaultPartitioner()


def records(fixes: int, devices: int, seed: int = 1) -> Iterator[tuple[str, str, dict[str, object]]]:
    """(topic, device, record): each device a fix a second, and a payment beside it now and then."""
    chance = random.Random(seed)
    for number in range(fixes):
        at_ms = NOON_MS + number // devices * 1000
        device = f"phone-{number % devices:06}"
        yield "locations", device, _push(number, device, at_ms)
        if number % PAYMENT_EVERY == 0:
            payer = f"phone-{chance.randrange(devices):06}"
            yield "transactions", payer, _payment(number, payer, at_ms, stolen=chance.random() < STOLEN_SHARE)


async def fill(settings: Settings, fixes: int, devices: int) -> int:
    """Writes them and returns how many records that were."""
    producer = AIOKafkaProducer(**client_options(settings), acks="all", max_batch_size=BATCH_BYTES)
    await producer.start()
    batches: defaultdict[tuple[str, int], object] = defaultdict(producer.create_batch)
    partitions, count = list(range(settings.partitions)), 0
    for name, device, record in records(fixes, devices):
        topic, key, value = getattr(settings.topics, name), device.encode(), json.dumps(record).encode()
        place = (topic, _partition(key, partitions, partitions))
        if batches[place].append(timestamp=None, key=key, value=value) is None:  # type: ignore[attr-defined]
            await _send(producer, batches.pop(place), place)
            batches[place].append(timestamp=None, key=key, value=value)  # type: ignore[attr-defined]
        count += 1
    for place, batch in batches.items():
        await _send(producer, batch, place)
    await producer.stop()
    return count


async def _send(producer: AIOKafkaProducer, batch: object, place: tuple[str, int]) -> None:
    batch.close()  # type: ignore[attr-defined]
    await producer.send_batch(batch, place[0], partition=place[1])


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
