"""Card numbers that must not be found anywhere, put everywhere a card number can come in."""

import base64
import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import aiohttp

from app import local
from app.provision import changelog_of
from app.settings import Settings
from app.sink.elastic import ElasticSink
from app.sink.mongo import MongoSink
from app.sink.sink import Shelf
from app.topic import read_all
from deploy.local.stack import Stack
from sensor_logger_bridge.devices import Devices
from tests.support.make import as_bytes, fix, payment, push
from tests.support.phone import east_of_home
from tests.support.service import provision, running, send, until, worker

CANARIES = ("4929567123456787", "5187654321098762", "6011987654321092", "4539578763621486")
"""Two that fail their check digit and two that pass it."""
FULL_WIDTH, ARABIC = "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩"


def spellings(number: str) -> Iterator[bytes]:
    """In every encoding of privacy.md."""
    groups = [number[at : at + 4] for at in range(0, len(number), 4)]
    texts = [number, " ".join(groups), "-".join(groups), ".".join(groups)]
    texts += [number.translate(str.maketrans("0123456789", digits)) for digits in (FULL_WIDTH, ARABIC)]
    for text in texts:
        yield text.encode()
        yield json.dumps(text)[1:-1].encode()  # as escapes
    yield base64.b64encode(number.encode()).rstrip(b"=")[:-1]
    yield number.encode().hex().encode()


NEEDLES = [needle for canary in CANARIES for needle in spellings(canary)]


def found(hay: bytes) -> list[bytes]:
    return [needle for needle in NEEDLES if needle in hay]


FAR = dict(zip(("latitude", "longitude"), east_of_home(700_000), strict=True))


def judged_payments() -> Iterator[dict[str, Any]]:
    """Suspects with canaries in every text."""
    fields = ("transaction_id", "name", "merchant_id", "merchant", "merchant_category", "transaction_type")
    for number, canary in enumerate(CANARIES):
        own = {"card_number": canary, "user_id": canary} | FAR
        yield payment(100 * number, **own)
        for place, field in enumerate(fields):
            for form, spelling in enumerate([canary, f"{canary[:4]} {canary[4:8]}-{canary[8:12]} {canary[12:]}"]):
                yield payment(f"{number}-{place}-{form}", **own | {field: f"{spelling} x{number}{place}{form}"})


def refused_payments() -> Iterator[tuple[str, bytes]]:
    """Keys and values of what cannot be judged, with canaries where it is wrong and elsewhere."""
    for canary in CANARIES:
        faults: tuple[dict[str, Any], ...] = (
            {"amount": canary + "x"},
            {"latitude": canary},
            {"timestamp": canary},
            {"currency": canary},
            {"cvv": canary},
            {"merchant": int(canary)},
            {canary: 1, "card_number": canary + "0000000"},
        )
        for fault in faults:
            yield "phone-1", as_bytes(payment(1, **{"card_number": canary, "user_id": canary} | FAR | fault))
        for device_id in (canary, f"phone-{canary}", f"{canary[:8]}.{canary[8:]}x"):
            yield device_id, as_bytes(payment(1, card_number=canary, device_id=device_id))
        yield "phone-1", b"{" + canary.encode()


def refused_pushes() -> Iterator[tuple[str, bytes]]:
    for canary in CANARIES:
        yield "phone-1", as_bytes(push(device_id=canary))
        yield "phone-1", as_bytes(push(fix(latitude=canary)))


async def test_no_card_number_is_found_anywhere_but_where_it_came_in(settings: Settings, servers: Stack) -> None:
    await provision(settings)
    token = Devices(settings.bridge_devices_file).add("phone-1")
    commands = (
        worker("detector", settings, 0),
        worker("mongo", settings, 1),
        worker("elastic", settings, 2),
        local.bridge(settings, restart=False),
    )
    payments, refused, pushes = list(judged_payments()), list(refused_payments()), list(refused_pushes())
    topics, elastic, mongo = settings.topics, ElasticSink(settings), MongoSink(settings)
    async with running(*commands, folder=settings.state_dir):
        await send(settings, topics.locations, ("phone-1", as_bytes(push(fix(-1)))), *pushes)
        await _post_canaries(settings, token)
        await send(settings, topics.transactions, *[("phone-1", as_bytes(one)) for one in payments], *refused)
        await until(lambda: _count(settings, topics.verdicts, len(payments)))
        await until(lambda: _count(settings, topics.dead_letters, len(refused) + len(pushes)))
        await until(lambda: _stored(elastic, len(payments)))
        await until(lambda: _stored(mongo, len(payments)))
    sent = [value for _, value in pushes]
    hay = await _everything(settings, mongo, elastic)
    await elastic.close()
    await mongo.close()
    assert [place for place, content in hay.items() if found(_without(sent, content))] == []
    on_disk = [path for path in _files(settings.state_dir, servers.run_dir) if found(_without(sent, path.read_bytes()))]
    assert on_disk == []


def _without(sent: Iterable[bytes], content: bytes) -> bytes:
    """What this test itself put on `locations` does not count."""
    for value in sent:
        content = content.replace(value, b"")
    return content


async def _post_canaries(settings: Settings, token: str) -> None:
    host, port = settings.bridge
    url = f"http://{host}:{port}/sensor-logger"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    where = {"name": "location", "time": time.time_ns(), "values": {"latitude": 40.1234567, "longitude": -75.7654321}}
    async with aiohttp.ClientSession() as session:
        for canary in CANARIES:
            taken = {"deviceId": "phone-1", "payload": [where], "userId": canary, canary: canary}
            bodies: tuple[tuple[object, int], ...] = (
                (int(canary), 400),
                ({"deviceId": canary}, 400),
                ({"deviceId": "phone-1", "payload": canary}, 400),
                (taken | {"sessionId": f"s {canary}"}, 400),
                (taken | {"payload": [where | {"name": canary}, where]}, 200),
            )
            for body, status in bodies:
                async with session.post(url, json=body, headers=headers) as answer:
                    assert (answer.status, found(await answer.read())) == (status, [])
            async with session.post(f"{url}/{canary}", headers={"User-Agent": canary}) as answer:
                assert (answer.status, found(await answer.read())) == (499, [])


async def _count(settings: Settings, topic: str, wanted: int) -> bool:
    return len(await read_all(settings, topic)) >= wanted


async def _stored(sink: MongoSink | ElasticSink, wanted: int) -> bool:
    return await sink.count(Shelf.VERDICTS) >= wanted


async def _everything(settings: Settings, mongo: MongoSink, elastic: ElasticSink) -> dict[str, bytes]:
    topics = settings.topics
    names = (topics.locations, topics.verdicts, topics.suspects, topics.dead_letters, changelog_of(settings))
    hay = {}
    for name in names:
        records = await read_all(settings, name)
        hay[name] = b"\n".join((record.key or b"") + b" " + (record.value or b"") for record in records)
    for shelf in Shelf:
        hay[f"mongo {shelf}"] = repr(await mongo.find(shelf)).encode()
        hay[f"elastic {shelf}"] = repr(await elastic.find(shelf)).encode()
    return hay


def _files(*folders: Path) -> Iterator[Path]:
    """Logs, state files and the servers' own data, but for the topic where card numbers come in."""
    for folder in folders:
        for path in folder.rglob("*"):
            where_they_come_in = any("-transactions-" in part for part in path.parts)
            if path.is_file() and not where_they_come_in and path.suffix != ".jar" and path.stat().st_size < 64 << 20:
                yield path
