"""Traffic: phones and card systems that continue during faults and record every confirmation."""

import asyncio
import heapq
import itertools
import json
import random
import time
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

import aiohttp
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from app.kafka.client import client_options
from app.settings import Settings
from schemas.json.identifier import passes_luhn
from tests.nightly.fault.poison import bad_payment, bad_push
from tests.support.make import as_bytes, payment, push

DEVICES: Final = 2_000
PUSHES_PER_S: Final = 420
PAYMENTS_PER_S: Final = 6
"""Payments per second. The local MongoDB stand-in scans all documents for each replacement."""

BRIDGED_PER_S: Final = 4
BRIDGED_DEVICES: Final = 20
TICKS_PER_S: Final = 10
STOLEN_SHARE: Final = 0.2
AGAIN_SHARE: Final = 0.03
LATE_SHARE: Final = 0.03
LATE_MAX_S: Final = 40.0
CALM_POISON_SHARE: Final = 0.02
ANSWER_WITHIN_S: Final = 8.0

EXACT: Final = 0.0000271828
"""Last digits of the phones' exact coordinates, found nowhere else: a match elsewhere is a leak."""

CARDS: Final = 40
CLOSED_AFTER_MS: Final = (120_000, 3 * 3_600_000)


def card_number(number: int) -> str:
    """Return an unassigned card number with a valid check digit."""
    body = f"45397{number:04}86{number * 7919 % 10_000:04}"
    return next(body + digit for digit in "0123456789" if passes_luhn(body + digit))


class Traffic:
    """A steady load. Confirmed records count as sent; unconfirmed ones may or may not be on the topics."""

    def __init__(self, settings: Settings, seed: int, tokens: dict[str, str]) -> None:
        self.confirmed: dict[tuple[str, int], int] = {}
        """Highest confirmed offset plus one, by topic and partition."""
        self.sent = 0
        self.unconfirmed = 0
        self.paid_at_s: dict[str, float] = {}
        self._unsent: dict[bytes | None, str] = {}
        self.kept: set[tuple[str, int]] = set()
        self.bridge_answers: dict[str, int] = {}
        self.slowest_refusal_s = 0.0
        self.poisons: list[float] = [CALM_POISON_SHARE]
        """Shares of unusable records requested by faults; the largest applies."""
        self.clock_off_ms = 0
        """Clock error of the producers, in milliseconds."""
        self._settings = settings
        self._tokens = tokens
        self._chance = random.Random(seed)
        self._numbers = itertools.count(1)
        self._recent: deque[tuple[str, str | None, bytes | None]] = deque(maxlen=4_000)
        self._late: list[tuple[float, int, tuple[str, str | None, bytes | None]]] = []
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Send until `stop` is called."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._stream())
            group.create_task(self._post())

    def stop(self) -> None:
        self._stopping.set()

    async def close_all(self) -> None:
        """Send last fixes of every phone, late enough after its payments to close them."""
        async with self._producer() as producer:
            for after_ms in CLOSED_AFTER_MS:
                at_ms = round(time.time() * 1000) + after_ms
                for name in [*map(_device, range(DEVICES)), *self._tokens]:
                    record = self._push_of(name, at_ms)
                    await self._send(producer, self._settings.topics.locations, name, as_bytes(record))
            await producer.flush()

    async def replay(self) -> int:
        """Send the recent records again in another order."""
        again = [one for one in self._recent if one[2] is not None and len(one[2]) < 100_000]
        self._chance.shuffle(again)
        async with self._producer() as producer:
            for topic, key, value in again:
                await self._send(producer, topic, key, value)
            await producer.flush()
        return len(again)

    async def _stream(self) -> None:
        loop = asyncio.get_running_loop()
        async with self._producer() as producer:
            due_s = loop.time()
            while not self._stopping.is_set():
                due_s = max(due_s + 1 / TICKS_PER_S, loop.time() - 2.0)  # catch up with at most two seconds
                await asyncio.sleep(max(0.0, due_s - loop.time()))
                for topic, key, value in self._tick():
                    await self._send(producer, topic, key, value)

    def _tick(self) -> Iterator[tuple[str, str | None, bytes | None]]:
        topics, now_s = self._settings.topics, time.time()
        for _ in range(PUSHES_PER_S // TICKS_PER_S):
            yield from self._perhaps_again(topics.locations, *self._a_push(now_s))
        share = PAYMENTS_PER_S / TICKS_PER_S
        for _ in range(int(share) + (self._chance.random() < share % 1)):
            yield from self._perhaps_again(topics.transactions, *self._a_payment(now_s))
        while self._late and self._late[0][0] <= now_s:
            yield heapq.heappop(self._late)[2]

    def _perhaps_again(
        self, topic: str, key: str | None, value: bytes | None
    ) -> Iterator[tuple[str, str | None, bytes | None]]:
        record, dice = (topic, key, value), self._chance.random()
        self._recent.append(record)
        if dice < LATE_SHARE:
            due_s = time.time() + self._chance.uniform(1.0, LATE_MAX_S)
            heapq.heappush(self._late, (due_s, next(self._numbers), record))
        else:
            yield record
        if dice > 1 - AGAIN_SHARE:
            yield self._chance.choice(self._recent)

    def _a_push(self, now_s: float) -> tuple[str | None, bytes | None]:
        number = next(self._numbers)
        name = _device(number % DEVICES)
        if self._chance.random() < max(self.poisons):
            return bad_push(name, number, self._chance)
        return name, as_bytes(self._push_of(name, round(now_s * 1000)))

    def _push_of(self, name: str, at_ms: int) -> dict[str, Any]:
        latitude, longitude = home_of(name)
        one = {
            "at_ms": at_ms,
            "latitude": latitude,
            "longitude": longitude,
            "speed_mps": 0.4,
            "horizontal_accuracy_m": 6.0,
        }
        return push(one, device_id=name, message_id=next(self._numbers), received_at_ms=at_ms)

    def _a_payment(self, now_s: float) -> tuple[str | None, bytes | None]:
        number = next(self._numbers)
        place = self._chance.randrange(DEVICES)
        name, card = _device(place), card_number(place % CARDS)
        if self._chance.random() < max(self.poisons):
            return bad_payment(name, number, card, self._chance)
        latitude, longitude = home_of(name)
        if self._chance.random() < STOLEN_SHARE:
            longitude += 8.0
        record = payment(
            number,
            device_id=name,
            user_id=f"user-{place}",
            card_number=card,
            timestamp=round(now_s, 3),
            latitude=round(latitude, 4),
            longitude=round(longitude, 4),
        )
        value = as_bytes(record)
        self._unsent[value] = record["transaction_id"]
        return name, value

    async def _send(self, producer: AIOKafkaProducer, topic: str, key: str | None, value: bytes | None) -> None:
        try:
            now_s = time.time()
            at_ms = round(now_s * 1000) + self.clock_off_ms
            if transaction_id := self._unsent.pop(value, None):
                self.paid_at_s[transaction_id] = now_s  # some are delayed on purpose before they are sent
            name = None if key is None else key.encode()
            confirmation = await producer.send(topic, value, key=name, timestamp_ms=at_ms)
        except KafkaError:
            self.unconfirmed += 1
            return
        confirmation.add_done_callback(self._confirmed)
        self.sent += 1

    def _confirmed(self, confirmation: Any) -> None:
        if confirmation.cancelled() or confirmation.exception() is not None:
            self.unconfirmed += 1
            return
        at = confirmation.result()
        place = (at.topic, at.partition)
        self.confirmed[place] = max(self.confirmed.get(place, 0), at.offset + 1)

    def _producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            **client_options(self._settings),
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            request_timeout_ms=30_000,
        )

    async def _post(self) -> None:
        """Post the pushes of some phones to the bridge, one after the other, as the app does."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as group:
            while not self._stopping.is_set():
                await asyncio.sleep(1 / BRIDGED_PER_S)
                name = self._chance.choice(list(self._tokens))
                group.create_task(self._post_one(session, name, next(self._numbers)))

    async def _post_one(self, session: aiohttp.ClientSession, name: str, number: int) -> None:
        host, port = self._settings.bridge
        latitude, longitude = home_of(name)
        where = {"latitude": latitude, "longitude": longitude, "speed": 0.4, "horizontalAccuracy": 6.0}
        body = {
            "messageId": number,
            "sessionId": "s1",
            "deviceId": name,
            "payload": [{"name": "location", "time": time.time_ns(), "values": where}],
        }
        began_s = time.monotonic()
        try:
            async with session.post(
                f"http://{host}:{port}/sensor-logger",
                data=json.dumps(body),
                headers={"Authorization": f"Bearer {self._tokens[name]}", "Content-Type": "application/json"},
            ) as answer:
                result = str(answer.status)
                if answer.status == 200:
                    self.kept.add((name, number))
                if answer.status == 503:
                    self.slowest_refusal_s = max(self.slowest_refusal_s, time.monotonic() - began_s)
        except (aiohttp.ClientError, TimeoutError) as error:
            result = type(error).__name__
        self.bridge_answers[result] = self.bridge_answers.get(result, 0) + 1


def home_of(name: str) -> tuple[float, float]:
    """Return the position of a phone, with last digits that occur nowhere else."""
    number = int(name.rpartition("-")[2])
    return round(35 + number % 50 * 0.1 + EXACT, 10), round(-110 + number // 50 * 0.1 + EXACT, 10)


def _device(number: int) -> str:
    return f"phone-{number:05}"
