"""Canary card numbers enter through every input and must appear in no output."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import aiohttp

from app.kafka.topic_reader import read_all
from app.local import runner
from app.provisioning.topics import changelog_of
from app.settings import Settings
from app.sinks.base import Dataset
from app.sinks.elasticsearch.sink import ElasticSink
from app.sinks.mongo import MongoSink
from deploy.local.ports import HOST
from deploy.local.stack import Stack
from sensor_logger_bridge.devices.registry import DeviceRegistry
from tests.support.canary import Scanner
from tests.support.make import as_bytes, fix, payment, push
from tests.support.phone import east_of_home
from tests.support.service import FREE_PORTS, changed, provision, running, send, until, worker

CANARIES = ("4929567123456787", "5187654321098762", "6011987654321092", "4539578763621486")
"""Two with a wrong check digit and two with a right one."""
TRACK = ";4929567123456787=25121010000000000913"
PIN_BLOCK = "04A2C3F1B5D6E798"
VERIFICATION = "cvv-that-is-nobodys"
PHONE = "phone-of-the-hunt-1"
PLACE = ("1234567", "7654321")
"""The last digits of the exact coordinates of that phone."""

LEAKS = Scanner(CANARIES, [TRACK, PIN_BLOCK, VERIFICATION])
PEOPLE = Scanner([], [*PLACE, PHONE, "Pat Doe"])
"""Personal data that a log must not contain: locations, device ids, names."""


FAR = dict(zip(("latitude", "longitude"), east_of_home(700_000), strict=True))


def paid(number: int | str, **changes: Any) -> dict[str, Any]:
    return payment(number, **{"device_id": PHONE, **changes})


def judged_payments() -> Iterator[dict[str, Any]]:
    """Yield payments that become suspects, with a canary in every text field."""
    fields = ("transaction_id", "name", "merchant_id", "merchant", "merchant_category", "transaction_type")
    for number, canary in enumerate(CANARIES):
        own = {"card_number": canary, "user_id": canary} | FAR
        yield paid(100 * number, **own)
        for place, field in enumerate(fields):
            for form, spelling in enumerate([canary, f"{canary[:4]} {canary[4:8]}-{canary[8:12]} {canary[12:]}"]):
                yield paid(f"{number}-{place}-{form}", **own | {field: f"{spelling} x{number}{place}{form}"})


def rejected_payments() -> Iterator[tuple[str, bytes]]:
    """Yield keys and values of invalid payments, with canaries in invalid and in valid fields."""
    for canary in CANARIES:
        faults: tuple[dict[str, Any], ...] = (
            {"amount": canary + "x"},
            {"latitude": canary},
            {"timestamp": canary},
            {"currency": canary},
            {"cvv": VERIFICATION},
            {"CVV2": int(canary[:4]), "merchant": canary},
            {"track2": TRACK},
            {"track_1": f"%B{canary}^DOE/PAT^2512101"},
            {"pin_block": PIN_BLOCK},
            {"device_id": None, "merchant": canary},
            {"merchant": int(canary)},
            {canary: 1, "card_number": canary + "0000000"},
        )
        for fault in faults:
            yield PHONE, as_bytes(paid(1, **{"card_number": canary, "user_id": canary} | FAR | fault))
        for device_id in (canary, f"phone-{canary}", f"{canary[:8]}.{canary[8:]}x"):
            yield device_id, as_bytes(paid(1, card_number=canary, device_id=device_id))
        yield PHONE, b"{" + canary.encode()


def rejected_pushes() -> Iterator[tuple[str, bytes]]:
    for canary in CANARIES:
        yield PHONE, as_bytes(push(device_id=canary))
        yield PHONE, as_bytes(push(fix(latitude=canary), device_id=PHONE))


async def test_a_card_number_appears_only_on_its_input_topic(settings: Settings, servers: Stack) -> None:
    """All logs are at DEBUG."""
    settings = changed(settings, log_level="DEBUG")
    await provision(settings)
    token = DeviceRegistry(settings.bridge_devices_file).add(PHONE)
    apps = ("detector", "mongo", "elastic")
    commands = [worker(app, settings, number) for number, app in enumerate(apps)]
    commands.append(runner.bridge(settings, restart=False))
    payments, rejected, pushes = list(judged_payments()), list(rejected_payments()), list(rejected_pushes())
    topics, elastic, mongo = settings.topics, ElasticSink(settings), MongoSink(settings)
    async with running(*commands, folder=settings.state_dir) as processes:
        await send(settings, topics.locations, (PHONE, as_bytes(push(fix(-1), device_id=PHONE))), *pushes)
        await _post_canaries(settings, token)
        await send(settings, topics.transactions, *[(PHONE, as_bytes(one)) for one in payments], *rejected)
        await until(lambda: _count(settings, topics.verdicts, len(payments)))
        await until(lambda: _count(settings, topics.dead_letters, len(rejected) + len(pushes)))
        await until(lambda: _stored(elastic, len(payments)))
        await until(lambda: _stored(mongo, len(payments)))
        responses = await _responses(settings)
        logs = [process.log for process in processes]
    sent = [value for _, value in pushes]
    hay = await _everything(settings, mongo, elastic) | responses
    await elastic.close()
    await mongo.close()
    assert {place: found for place, content in hay.items() if (found := LEAKS.find(_without(sent, content)))} == {}
    files = list(_files(settings.state_dir, servers.run_dir))
    assert {path: found for path in files if (found := LEAKS.find_in_file(path, without=sent))} == {}
    assert {path.name for path in files} > {
        "bridge.log",
        "detector-0.log",
        "kafka.log",
        "elasticsearch.log",
        "mongo.log",
    }
    assert all(b'"level":"debug"' in log.read_bytes() for log in logs)
    assert {log.name: found for log in logs if (found := PEOPLE.find_in_file(log))} == {}
    assert [place for place, content in responses.items() if PEOPLE.find(content)] == []


def _without(sent: Iterable[bytes], content: bytes) -> bytes:
    """Remove the values that this test itself wrote to `locations`."""
    for value in sent:
        content = content.replace(value, b"")
    return content


async def _responses(settings: Settings) -> dict[str, bytes]:
    """Return the responses of every process on every path."""
    first = (settings.port_base or 0) + FREE_PORTS
    responses = {}
    async with aiohttp.ClientSession() as session:
        for port in (*range(first, first + 3), settings.bridge[1], settings.ports.bridge_metrics):
            for path in ("/metrics", "/readyz", "/livez", "/openapi.json", f"/{CANARIES[0]}"):
                async with session.get(f"http://{HOST}:{port}{path}") as answer:
                    responses[f"{port}{path}"] = str(answer.headers).encode() + await answer.read()
    return responses


async def _post_canaries(settings: Settings, token: str) -> None:
    host, port = settings.bridge
    url = f"http://{host}:{port}/sensor-logger"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    where = {"name": "location", "time": time.time_ns(), "values": {"latitude": 40.1234567, "longitude": -75.7654321}}
    async with aiohttp.ClientSession() as session:
        for canary in CANARIES:
            taken = {"deviceId": PHONE, "payload": [where], "userId": canary, canary: canary}
            bodies: tuple[tuple[object, int], ...] = (
                (int(canary), 400),
                ({"deviceId": canary}, 400),
                ({"deviceId": PHONE, "payload": canary}, 400),
                (taken | {"sessionId": f"s {canary}"}, 400),
                (taken | {"payload": [where | {"name": canary}, where]}, 200),
            )
            for body, status in bodies:
                async with session.post(url, json=body, headers=headers) as answer:
                    assert (answer.status, LEAKS.find(await answer.read())) == (status, [])
            async with session.post(f"{url}/{canary}", headers={"User-Agent": canary}) as answer:
                assert (answer.status, LEAKS.find(await answer.read())) == (499, [])


async def _count(settings: Settings, topic: str, wanted: int) -> bool:
    return len(await read_all(settings, topic)) >= wanted


async def _stored(sink: MongoSink | ElasticSink, wanted: int) -> bool:
    return await sink.count(Dataset.VERDICTS) >= wanted


async def _everything(settings: Settings, mongo: MongoSink, elastic: ElasticSink) -> dict[str, bytes]:
    topics = settings.topics
    names = (topics.locations, topics.verdicts, topics.suspects, topics.dead_letters, changelog_of(settings))
    hay = {}
    for name in names:
        records = await read_all(settings, name)
        hay[name] = b"\n".join((record.key or b"") + b" " + (record.value or b"") for record in records)
    for dataset in Dataset:
        hay[f"mongo {dataset}"] = repr(await mongo.find(dataset)).encode()
        hay[f"elastic {dataset}"] = repr(await elastic.find(dataset)).encode()
    return hay


def _files(*folders: Path) -> Iterator[Path]:
    """Yield logs, state files and the servers' data, except the topic of payments."""
    for folder in folders:
        for path in folder.rglob("*"):
            is_input = any("-transactions-" in part for part in path.parts)
            if path.is_file() and not is_input and path.suffix != ".jar":
                yield path
