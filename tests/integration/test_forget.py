"""Erasure of a device on real servers: in all places, in order, through outages and crashes, and for good."""

import asyncio
import sys
import time
from collections.abc import Sequence
from typing import Any

import pytest

from agents.state.erasure_tombstones import TOMBSTONES_KEY
from app.kafka.topic_reader import read_all
from app.provisioning.topics import changelog_of
from app.security.agent_context import agent_context
from app.settings import Settings, as_environment
from app.sinks.base import Dataset
from app.sinks.elasticsearch.sink import ElasticSink
from app.sinks.mongo import MongoSink
from deploy.local.process import LocalProcess
from schemas.erasure import parse_erasure
from schemas.feedback import encode_feedback
from tests.support.make import as_bytes, feedback, fix, payment, push
from tests.support.phone import east_of_home
from tests.support.service import changed, latest, provision, running, send, until, verdicts_of, worker

GONE, NOT_YET = 0, 3
Documents = dict[str, dict[str, dict[str, Any]]]
FAR = dict(zip(("latitude", "longitude"), east_of_home(700_000), strict=True))


@pytest.fixture
def one_partition(settings: Settings) -> Settings:
    """Return settings with all devices on one partition, where an erasure could affect another device."""
    return changed(settings, partitions=1)


async def forget(settings: Settings, device: str, within_s: float = 60) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli", "forget", "--device", device, "--within", str(within_s)),
        env=as_environment(settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert device not in output.decode()
    return process.returncode or 0, " ".join(output.decode().split())


async def stored_documents(settings: Settings) -> Documents:
    """Return the documents of all datasets of both stores, by store and dataset."""
    found: Documents = {}
    for sink in (MongoSink(settings), ElasticSink(settings)):
        for dataset in Dataset:
            found[f"{type(sink).__name__} {dataset}"] = await sink.find(dataset)
        await sink.close()
    return found


async def stores_have(settings: Settings, verdicts: int, suspects: int, feedback: int = 0) -> bool:
    """Return whether both stores have this number of documents in each dataset."""
    wanted = {Dataset.VERDICTS: verdicts, Dataset.SUSPECTS: suspects, Dataset.FEEDBACK: feedback}
    counts = [len(documents) for documents in (await stored_documents(settings)).values()]
    return counts == [wanted[dataset] for dataset in Dataset] * 2


def places_of(device: str, settings: Settings, found: Documents) -> list[str]:
    tokens = agent_context(settings).masker.tokens("device", device)
    return [place for place, documents in found.items() for one in documents.values() if one["device_token"] in tokens]


def pushed(device: str) -> tuple[str, bytes]:
    return device, as_bytes(push(*[fix(-second) for second in range(100)], device_id=device))


def paid(device: str) -> list[tuple[str, bytes]]:
    """Return a payment at home and one 700 km from it."""
    near, far = payment(f"{device}-1", device_id=device), payment(f"{device}-2", device_id=device, **FAR)
    return [(device, as_bytes(near)), (device, as_bytes(far))]


async def report_and_pay(settings: Settings, *devices: str) -> None:
    """Send positions of each device, and its payments once the detector has stored the positions."""
    await send(settings, settings.topics.locations, *map(pushed, devices))
    await until(lambda: _table_has(settings, *devices))
    await send(settings, settings.topics.transactions, *[one for device in devices for one in paid(device)])


async def give_feedback(settings: Settings, device: str) -> None:
    """Send the feedback of an analyst on the device's distant payment."""
    name = f"tx-{device}-2"
    masker = agent_context(settings).masker
    given = feedback(
        id=masker.token("transaction", name), transaction_id=name, device_token=masker.token("device", device)
    )
    await send(settings, settings.topics.feedback, (device, encode_feedback(given)))


async def _table_has(settings: Settings, *devices: str) -> bool:
    rows = latest(await read_all(settings, changelog_of(settings)))
    return all(device.encode() in rows for device in devices)


async def _rows_of(settings: Settings, device: str) -> set[bytes]:
    rows = latest(await read_all(settings, changelog_of(settings)))
    return {key for key in rows if key.partition(b"\0")[0] == device.encode()}


async def _verdicts_of_device(settings: Settings, device: str) -> list[bytes]:
    records = [*await read_all(settings, settings.topics.verdicts), *await read_all(settings, settings.topics.suspects)]
    return [record.value for record in records if record.key == device.encode()]


async def _is_answered(settings: Settings, name: str) -> bool:
    return name in [one["transaction_id"] for one in await verdicts_of(settings)]


async def _process_everything_sent(settings: Settings, number: int) -> None:
    """Return when everything sent before is processed: a later payment of another device has a verdict."""
    marker = payment(f"marker-{number}", device_id="phone-2")
    await send(settings, settings.topics.transactions, ("phone-2", as_bytes(marker)))
    await until(lambda: _is_answered(settings, marker["transaction_id"]))


def _logs(processes: Sequence[LocalProcess]) -> str:
    return "".join(process.log.read_text(encoding="utf-8") for process in processes)


@pytest.mark.timeout(420)
async def test_an_erasure_removes_a_device_everywhere_for_good_and_no_other(one_partition: Settings) -> None:
    settings = one_partition
    await provision(settings)
    sinks = (worker("mongo", settings, 1), worker("elastic", settings, 2))
    async with running(worker("detector", settings, 0), *sinks, folder=settings.state_dir) as workers:
        await report_and_pay(settings, "phone-1", "phone-2")
        await give_feedback(settings, "phone-1")
        await give_feedback(settings, "phone-2")
        await until(lambda: stores_have(settings, 4, 2, 2))
        rows, before, published = (
            await _rows_of(settings, "phone-1"),
            await stored_documents(settings),
            await _verdicts_of_device(settings, "phone-1"),
        )
        others = {
            key: value
            for key, value in latest(await read_all(settings, changelog_of(settings))).items()
            if key.startswith(b"phone-2")
        }
        assert len(rows) > 3

        code, output = await forget(settings, "phone-1")
        assert (code, "Everything is erased." in output) == (GONE, True), output
        assert f"detector, rows, 2 open payments among them {len(rows)} 0 gone" in output
        assert "sink-mongo, verdicts 2 0 gone" in output
        assert "sink-elastic, suspects 1 0 gone" in output
        assert "sink-mongo, feedback 1 0 gone sink-elastic" in output
        assert "payments and verdicts within 8 days" in output

        changelog = await read_all(settings, changelog_of(settings))
        assert {record.key for record in changelog if record.value is None} >= rows
        assert await _rows_of(settings, "phone-1") == set()
        assert {key: value for key, value in latest(changelog).items() if key in others} == others
        now = await stored_documents(settings)
        assert places_of("phone-1", settings, now) == []
        assert now == {
            place: {id_: one for id_, one in documents.items() if id_ in now[place]}
            for place, documents in before.items()
        }
        assert await stores_have(settings, 2, 1, 1)

        await send(settings, settings.topics.locations, pushed("phone-1"))  # as a replay or late records
        await send(settings, settings.topics.transactions, *paid("phone-1"))
        await _process_everything_sent(settings, 1)
        assert await _rows_of(settings, "phone-1") == set()
        assert await _verdicts_of_device(settings, "phone-1") == published
        assert "phone-1" not in _logs(workers)

    # a restarted detector has only the changelog
    async with running(worker("detector", settings, 0), *sinks, folder=settings.state_dir):
        assert TOMBSTONES_KEY in latest(await read_all(settings, changelog_of(settings)))
        await send(settings, settings.topics.transactions, *paid("phone-1"))
        await _process_everything_sent(settings, 2)
        assert await _rows_of(settings, "phone-1") == set()
        assert await _verdicts_of_device(settings, "phone-1") == published
        new = payment("new", device_id="phone-1", timestamp=time.time())
        await send(settings, settings.topics.transactions, ("phone-1", as_bytes(new)))
        await until(lambda: stores_have(settings, 5, 1, 1))  # includes two markers
        assert [one["codes"] for one in await verdicts_of(settings) if one["transaction_id"] == "tx-new"] == [
            ["NO_FIX"]
        ]
        code, output = await forget(settings, "phone-1")
        assert (code, "sink-mongo, verdicts 1 0 gone" in output) == (GONE, True), output
        assert places_of("phone-1", settings, await stored_documents(settings)) == []


@pytest.mark.timeout(420)
async def test_an_erasure_names_what_is_down_and_completes_when_it_returns(one_partition: Settings) -> None:
    settings = one_partition
    code, output = await forget(changed(settings, kafka_bootstrap="127.0.0.1:1"), "phone-1")
    assert code == 1
    assert "does not answer" in output
    assert "nothing was erased" in output
    code, output = await forget(settings, "phone-1")
    assert (code, "run `geovelocity init`" in output) == (1, True)

    await provision(settings)
    detector, mongo, elastic = (
        worker("detector", settings, 0),
        worker("mongo", settings, 1),
        worker("elastic", settings, 2),
    )
    async with running(detector, mongo, elastic, folder=settings.state_dir):
        await report_and_pay(settings, "phone-1", "phone-2")
        await until(lambda: stores_have(settings, 4, 2))
    code, output = await forget(settings, "phone-1", within_s=1)
    assert code == NOT_YET
    assert "no detector has processed the request: start one" in output
    assert "sink-mongo, verdicts 2 2 after the detector" in output
    async with running(detector, elastic, folder=settings.state_dir):
        unreachable = changed(settings, mongo_url="mongodb://127.0.0.1:1")
        code, output = await forget(unreachable, "phone-1", within_s=20)
        assert code == NOT_YET
        assert "MongoDB does not answer" in output
        assert "sink-mongo removes them when it answers" in output
        assert "sink-elastic, verdicts 0 0 gone" in output or "sink-elastic, verdicts 2 0 gone" in output
    async with running(detector, mongo, folder=settings.state_dir):
        await until(lambda: stores_have(settings, 2, 1))
    assert places_of("phone-1", settings, await stored_documents(settings)) == []


@pytest.mark.timeout(420)
async def test_a_crash_during_an_erasure_keeps_the_order_of_later_payments(
    one_partition: Settings,
) -> None:
    """The worker dies after it has deleted the rows and before it publishes the erasure. Payments are queued."""
    settings = one_partition
    await provision(settings)
    sinks = (worker("mongo", settings, 1), worker("elastic", settings, 2))
    async with running(*sinks, folder=settings.state_dir):
        crashing = worker("detector", settings, 0, environment={"GEOVELOCITY_FAILPOINT": "rows-durable:2"})
        async with running(crashing, folder=settings.state_dir) as (detector,):
            await send(settings, settings.topics.transactions, *paid("phone-1")[:1])
            await until(lambda: stores_have(settings, 1, 0))
            code, _ = await forget(settings, "phone-1", within_s=1)
            assert code == NOT_YET
            assert await asyncio.wait_for(detector.wait(), 60) == 137
        assert await _rows_of(settings, "phone-1") == set()
        new = payment("new", device_id="phone-1", timestamp=time.time())
        await send(settings, settings.topics.transactions, ("phone-1", as_bytes(new)))
        async with running(worker("detector", settings, 0), folder=settings.state_dir):
            await until(lambda: _is_answered(settings, "tx-new"))
            on_topic = [parse_erasure(one.value) for one in await read_all(settings, settings.topics.verdicts)]
            assert [one is not None for one in on_topic] == [False, True, False]
            await until(lambda: stores_have(settings, 1, 0))
            await asyncio.sleep(2)
            assert await stores_have(settings, 1, 0)
            (document,) = (await stored_documents(settings))["MongoSink verdicts"].values()
            assert document["transaction_id"] == "tx-new"
