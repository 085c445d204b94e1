"""Card numbers that must not be found anywhere, put everywhere a card number can come in."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

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
from tests.support.service import provision, running, send, until, verdicts_of, worker

CANARIES = ("4929567123456787", "5187654321098762", "6011987654321098", "4929567123456788")
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


def leaky_payments() -> Iterator[dict[str, object]]:
    """Judged and refused ones, with canaries in every field."""
    latitude, longitude = east_of_home(700_000)
    fields = ("transaction_id", "name", "merchant_id", "merchant", "merchant_category", "transaction_type")
    for number, canary in enumerate(CANARIES):
        own = {"card_number": canary, "user_id": canary, "latitude": latitude, "longitude": longitude}
        yield payment(100 * number, **own)
        for place, field in enumerate(fields):
            for form, spelling in enumerate([canary, f"{canary[:4]} {canary[4:8]}-{canary[8:12]} {canary[12:]}"]):
                written = {field: f"{spelling} x{number}{place}{form}"}
                yield payment(f"{number}-{place}-{form}", **own | written)
        yield payment(1, **own | {"amount": canary + "x"})
        yield payment(2, **own | {"latitude": canary})
        yield payment(3, **own | {"timestamp": canary})
        yield payment(4, **own | {"currency": canary})
        yield payment(5, **own | {"cvv": canary})
        yield payment(6, **own | {"device_id": canary})
        yield payment(7, **own | {canary: 1, "card_number": canary + "0000000"})


async def test_no_card_number_is_found_anywhere_but_where_it_came_in(settings: Settings, servers: Stack) -> None:
    await provision(settings)
    token = Devices(settings.bridge_devices_file).add("phone-1")
    commands = (
        worker("detector", settings, 0),
        worker("mongo", settings, 1),
        worker("elastic", settings, 2),
        local.bridge(settings, restart=False),
    )
    payments = list(leaky_payments())
    judged = {one["transaction_id"] for one in payments}
    async with running(*commands, folder=settings.state_dir):
        await send(settings, settings.topics.locations, ("phone-1", as_bytes(push(fix(-1)))))
        await send(settings, settings.topics.locations, *[("phone-1", as_bytes(push(device_id=c))) for c in CANARIES])
        await _post_canaries(settings, token)
        await send(settings, settings.topics.transactions, *[("phone-1", as_bytes(one)) for one in payments])
        await send(settings, settings.topics.transactions, *[("phone-1", b"{" + c.encode()) for c in CANARIES])
        expected = len(CANARIES) * 13
        await until(lambda: _has(settings, expected))
        elastic, mongo = ElasticSink(settings), MongoSink(settings)
        await until(lambda: _stored(elastic, expected))
        await until(lambda: _stored(mongo, expected))
    assert len(judged) > expected  # some were refused: their values went through the error paths
    hay = await _everything(settings, mongo, elastic)
    await elastic.close()
    await mongo.close()
    assert {place: found(content) for place, content in hay.items() if found(content)} == {}
    on_disk = [path for path in _files(settings.state_dir, servers.run_dir) if found(path.read_bytes())]
    assert on_disk == []


async def _post_canaries(settings: Settings, token: str) -> None:
    host, port = settings.bridge
    url = f"http://{host}:{port}/sensor-logger"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as session:
        for canary in CANARIES:
            for body in (canary, f'{{"deviceId":"{canary}"}}', json.dumps({"deviceId": "phone-1", "payload": canary})):
                async with session.post(url, data=body, headers=headers) as answer:
                    assert not found(await answer.read())
            async with session.post(f"{url}/{canary}", headers={"User-Agent": canary}) as answer:
                assert not found(await answer.read())


async def _has(settings: Settings, verdicts: int) -> bool:
    return len(await verdicts_of(settings)) >= verdicts


async def _stored(sink: MongoSink | ElasticSink, wanted: int) -> bool:
    return await sink.count(Shelf.VERDICTS) >= wanted


async def _everything(settings: Settings, mongo: MongoSink, elastic: ElasticSink) -> dict[str, bytes]:
    topics = settings.topics
    names = (topics.locations, topics.verdicts, topics.suspects, topics.dead_letters, changelog_of(settings))
    hay = {}
    for name in names:
        records = await read_all(settings, name)
        # the locations were sent with a canary for a device id by the test itself; what matters is what came of it
        kept = [record for record in records if not (name == topics.locations and found(record.value))]
        hay[name] = b"\n".join((record.key or b"") + b" " + (record.value or b"") for record in kept)
    for shelf in Shelf:
        hay[f"mongo {shelf}"] = repr(await mongo.find(shelf)).encode()
        hay[f"elastic {shelf}"] = repr(await elastic.find(shelf)).encode()
    return hay


def _files(*folders: Path) -> Iterator[Path]:
    """Logs, state files and the servers' own data, but for the topics that the canaries were sent to."""
    for folder in folders:
        for path in folder.rglob("*"):
            inputs = any(part.startswith(("test",)) and "-transactions-" in part for part in path.parts)
            inputs = inputs or any("-locations-" in part for part in path.parts)
            if path.is_file() and not inputs and path.suffix != ".jar" and path.stat().st_size < 64 << 20:
                yield path
