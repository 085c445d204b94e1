"""Play: phones post through the bridge and cards pay onto the topic, in real time and with known truth."""

import asyncio
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import aiohttp
from aiokafka import AIOKafkaProducer

from app.errors import UnavailableError
from app.kafka import client_options
from app.settings import Settings
from app.simulate.card import Card, LabelledPayment, card_number
from app.simulate.drive import Sample
from app.simulate.phone import Phone
from sensor_logger_bridge.devices import Devices

Say = Callable[[str], None]
OK = 200


@dataclass(frozen=True, slots=True)
class Script:
    """What is played. A payment falls on a phone at random; a share of them is stolen.

    Phones are heard for `warm_up_s` before the first payment.
    """

    seconds: int = 45
    warm_up_s: int = 4
    payments_per_s: float = 4.0
    stolen_share: float = 0.2
    seed: int = 1

    @property
    def length_s(self) -> int:
        """From the first position to the last payment."""
        return self.seconds + self.warm_up_s


@dataclass(slots=True)
class Played:
    """What went in."""

    payments: dict[str, LabelledPayment] = field(default_factory=dict)
    sent_at_s: dict[str, float] = field(default_factory=dict)
    fixes: int = 0


class Play:
    """One performance. The tracks are endless; the first is the first phone's."""

    def __init__(self, settings: Settings, tracks: Sequence[Iterator[Sample]], script: Script) -> None:
        chance = random.Random(script.seed)  # noqa: S311 - a play, not a secret
        self._settings = settings
        self._script = script
        self._chance = chance
        self._tracks = tracks
        self._phones = [
            Phone(f"demo-phone-{number:03}", UUID(int=chance.getrandbits(128))) for number in range(len(tracks))
        ]
        self._cards = [Card(phone.device_id, card_number(chance), chance) for phone in self._phones]
        self._heard: dict[int, Sample] = {}
        self.played = Played()

    async def run(self, say: Say) -> Played:
        """Plays to the end.

        Raises:
            UnavailableError: the bridge did not take a position.
        """
        tokens = Devices(self._settings.bridge_devices_file).add_all([phone.device_id for phone in self._phones])
        producer = AIOKafkaProducer(**client_options(self._settings), acks="all", linger_ms=0)
        await producer.start()
        try:
            async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
                for number, phone in enumerate(self._phones):
                    tasks.create_task(self._carry(session, number, tokens[phone.device_id]))
                tasks.create_task(self._pay(producer, say))
        except* UnavailableError as failures:
            raise failures.exceptions[0] from None
        finally:
            await producer.stop()
        return self.played

    async def _carry(self, session: aiohttp.ClientSession, number: int, token: str) -> None:
        """One phone: whatever its track has for the past second is posted, until the play is over."""
        host, port = self._settings.bridge
        url, headers = f"http://{host}:{port}/sensor-logger", {"Authorization": f"Bearer {token}"}
        headers["Content-Type"] = "application/json"
        began_s = time.time() + number / len(self._phones)  # not all in the same instant
        for sample in self._tracks[number]:
            if sample.second > self._script.length_s:
                return
            await asyncio.sleep(max(0.0, began_s + sample.second - time.time()))
            body = self._phones[number].body([(int((began_s + sample.second) * 1e9), sample)])
            async with session.post(url, data=body, headers=headers) as answer:
                if answer.status != OK:
                    raise UnavailableError(f"the bridge answered {answer.status}: {await answer.text()}")
            self._heard[number] = sample
            self.played.fixes += 1

    async def _pay(self, producer: AIOKafkaProducer, say: Say) -> None:
        script = self._script
        await asyncio.sleep(script.warm_up_s)
        began_s = time.time()
        for number in range(int(script.seconds * script.payments_per_s)):
            await asyncio.sleep(max(0.0, began_s + number / script.payments_per_s - time.time()))
            who = self._chance.choice(list(self._heard))
            now_s = time.time()
            stolen = self._chance.random() < script.stolen_share
            paid = self._cards[who].pay(f"demo-{number:05}", round(now_s * 1000), self._heard[who], stolen=stolen)
            transaction_id = paid.record["transaction_id"]
            self.played.payments[transaction_id] = paid
            self.played.sent_at_s[transaction_id] = now_s
            await producer.send_and_wait(
                self._settings.topics.transactions,
                json.dumps(paid.record).encode(),
                key=paid.record["device_id"].encode(),
            )
            if number % round(10 * script.payments_per_s) == 0:
                say(f"playing: {self.played.fixes} positions, {number} payments")
