"""A worker on the state that the last release wrote. The README of the fixture describes that state."""

import asyncio
import base64
import gzip
import json
import os
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from aiokafka.admin import NewTopic

from app.kafka.client import kafka_admin
from app.kafka.topics import cluster_id
from app.provisioning.topics import changelog_of, create_topics
from app.settings import Settings
from app.settings.state import state_store_dir
from tests.support.service import changed, producer, running, until, verdicts_of, worker

STATE: Final = Path(__file__).parent.parent / "fixtures" / "state_of_release_0_1"
PARTITIONS: Final = 2


@pytest.mark.parametrize("store", ["memory", "rocksdb"])
async def test_a_worker_continues_from_the_state_of_the_last_release(settings: Settings, store: str) -> None:
    namespace = f"release-0-1-{store}"
    settings = changed(
        settings, namespace=namespace, topic_prefix=f"{namespace}-", partitions=PARTITIONS, table_store=store
    )
    await _create_topics(settings)
    await _send(settings, STATE / store / "topics.jsonl.gz")
    if store == "rocksdb":
        await _unpack_rows(settings)
    expected = {verdict.pop("transaction_id"): verdict for verdict in _lines(STATE / "expected.jsonl.gz")}

    async def answered() -> bool:
        return (await _newest(settings)).keys() == expected.keys()

    async def as_expected() -> bool:
        return bool(_fields_of_then(expected, await _newest(settings)) == expected)

    async with running(worker("detector", settings), folder=settings.state_dir) as (detector,):
        await _send(settings, STATE / "after.jsonl.gz")
        await until(answered)
        await _send(settings, STATE / "closing.jsonl.gz")
        with suppress(TimeoutError):  # the comparison below shows which verdict differs
            await until(as_expected)
        newest = await _newest(settings)
        assert _fields_of_then(expected, newest) == expected
        assert newest.keys() == expected.keys()
        assert detector.running
    log = map(json.loads, detector.log.read_text(encoding="utf-8").splitlines())
    ours = [line for line in log if not line["logger"].startswith("aiokafka")]  # the client logs every retry
    assert [line["message"] for line in ours if line["level"] != "info"] == []


async def _create_topics(settings: Settings) -> None:
    """Create the topics. The sources accept the fixture's timestamps, which lie in the year 2090."""
    config = {"message.timestamp.after.max.ms": str(2**63 - 1)}
    sources = (settings.topics.transactions, settings.topics.locations)
    async with kafka_admin(settings) as admin:
        await admin.create_topics([NewTopic(topic, PARTITIONS, 1, topic_configs=config) for topic in sources])
    await create_topics(settings)


async def _send(settings: Settings, file: Path) -> None:
    """Send the records of a fixture file, in order. Each gets its partition and timestamp where the file names them."""
    async with producer(settings) as sender:
        confirmations = [
            await sender.send(
                f"{settings.namespace}-{record['topic']}",
                _bytes(record["value"]),
                key=_bytes(record["key"]),
                partition=record.get("partition"),
                timestamp_ms=record.get("timestamp"),
            )
            for record in _lines(file)
        ]
        await asyncio.gather(*confirmations)


async def _unpack_rows(settings: Settings) -> None:
    """Put the database of each partition where a worker looks for it, as rows of this cluster that are minutes old."""
    folder = state_store_dir(settings.state_dir) / changelog_of(settings).removesuffix("-changelog")
    folder.mkdir(parents=True)
    with tarfile.open(STATE / "rocksdb" / "rows.tar.gz") as packed:
        packed.extractall(folder, filter="data")
    for partition in folder.iterdir():
        os.utime(partition)
    (folder / "lock").write_text(await cluster_id(settings), encoding="utf-8")


async def _newest(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the newest verdict on each payment. Revisions must count from 1, and copies of one must be equal."""
    revisions: defaultdict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for verdict in await verdicts_of(settings):
        name, number = verdict.pop("transaction_id"), verdict["revision"]
        assert revisions[name].setdefault(number, verdict) == verdict, f"{name} has two revisions {number}"
    for name, found in revisions.items():
        assert found.keys() == set(range(1, len(found) + 1)), name
    return {name: found[len(found)] for name, found in revisions.items()}


def _fields_of_then(then: Any, now: Any) -> Any:
    """Return `now` without the fields that `then` lacks: a later release may add fields to a verdict."""
    if not (isinstance(then, dict) and isinstance(now, dict)):
        return now
    return {name: _fields_of_then(then[name], now[name]) for name in now if name in then}


def _lines(file: Path) -> Iterator[Any]:
    with gzip.open(file) as lines:
        yield from map(json.loads, lines)


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
