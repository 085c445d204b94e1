"""The checker of the fault tests on real servers: it accepts a sound run and finds every planted violation."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from faust.types import TP

from app.kafka.topic_reader import read_all
from app.provisioning.topics import changelog_of
from app.settings import Settings
from app.sinks.base import Dataset
from app.sinks.elasticsearch.sink import ElasticSink
from app.sinks.mongo import MongoSink
from app.stream.state.checkpoint import Checkpoint
from tests.nightly.fault.check import RSS_MAX_BYTES, check
from tests.nightly.fault.harness import Harness, settings_without_proxies, start_harness
from tests.nightly.fault.invariants import Invariant
from tests.nightly.fault.traffic import card_number, home_of
from tests.support.service import producer

LOAD_S = 8.0


async def test_the_checker_accepts_a_run_without_faults_and_finds_every_violation(tmp_path: Path) -> None:
    async with start_harness(tmp_path, 1, 1, lambda _: None) as here:
        await _run_without_faults(here)
        settings = settings_without_proxies(here.settings, here.stack)
        invariants, counts = await check(here, settings, tmp_path)
        assert {one.says: one.against for one in invariants if not one.holds} == {}
        assert min(counts["payments"], counts["suspects"], counts["unusable records"]) > 0
        assert all(one.checked for one in invariants)
        await _plant_violations(here, settings, tmp_path)
        assert _violations((await check(here, settings, tmp_path))[0]) == VIOLATIONS


async def _run_without_faults(here: Harness) -> None:
    traffic, memory = asyncio.create_task(here.traffic.run()), asyncio.create_task(here.watch_memory())
    await asyncio.sleep(LOAD_S)
    here.traffic.stop()
    await traffic
    memory.cancel()
    assert await here.settled(60.0)
    await here.traffic.close_all()
    assert await here.settled(60.0)
    for process in here.workers.values():
        await process.stop()


VIOLATIONS = {
    "every confirmed record is on its topic": 1,
    "every payment on the topic has a verdict, and nothing else has": 1,
    "every record that cannot be used is a dead letter, and nothing else is": 1,
    "Mongo holds the newest revision of each of `verdicts` once": 3,  # one is deleted, two were never stored
    "Mongo holds the newest revision of each of `suspects` once": 1,
    "Elastic holds the newest revision of each of `verdicts` once": 2,
    "Elastic holds the newest revision of each of `suspects` once": 1,
    "the final verdict on every payment equals that of `judge` for the same records": 1,
    "copies of a revision are equal byte for byte, and revisions have no gaps": 1,
    "the device of a verdict has the token of its key under a masking key": 1,
    "a checkpoint covers every record of the topics": 1,
    "no checkpoint moved backwards": 1,
    "the table is a fold of the input": 1,
    "no worker ever had 512 MiB of memory": 1,
    "no card number is anywhere but on `transactions`": 1,
    "no verification value, track or PIN is stored": 1,
    "a masked card number shows four digits": 1,
    "no exact position is outside `locations` and the table": 1,
    "every push that the bridge confirmed is on the topic": 1,
}
"""Number of violations of each invariant after `_plant_violations`."""


def _violations(invariants: list[Invariant]) -> dict[str, int]:
    return {one.says: len(one.against) for one in invariants}


async def _plant_violations(here: Harness, settings: Settings, folder: Path) -> None:
    async with producer(settings) as opened:
        revised = await _on_the_topic_of_verdicts(settings, opened)
        await _on_other_topics(settings, opened)
    await _in_stores(settings, except_for=revised)
    traffic = here.traffic
    partition = max(traffic.confirmed)
    traffic.confirmed[partition] += 1
    traffic.kept.add(("bridged-9000", 10**9))
    here.rss_bytes["detector-0"] = RSS_MAX_BYTES
    (folder / "a.log").write_text(card_number(3).encode().hex(), encoding="ascii")
    (folder / "b.log").write_text('"913"', encoding="ascii")
    (folder / "c.log").write_text(str(home_of("phone-00042")), encoding="ascii")


async def _on_the_topic_of_verdicts(settings: Settings, opened: AIOKafkaProducer) -> str:
    """Write a different first revision, a verdict without a payment, and a revision after the final one.

    Return the document id of the last.
    """
    topic = settings.topics.verdicts
    by_payment: dict[str, list[tuple[bytes, int, bytes]]] = {}
    for record in await read_all(settings, topic):
        by_payment.setdefault(_read(record.value)["id"], []).append((record.key, record.partition, record.value))
    revisions = next(found for found in by_payment.values() if len(found) > 1)
    (key, partition, first), (_, _, last) = revisions[0], revisions[-1]
    unpaid = {"id": "unpaid", "transaction_id": "of no payment", "card_last4": "12345", "device_token": "device_k1_A"}
    for value in (
        _with(first, amount="999.99"),
        _with(first, **unpaid),
        _with(last, revision=len(revisions) + 1, merchant="Another Shop"),
    ):
        await opened.send_and_wait(topic, value, key=key, partition=partition)
    return str(_read(last)["id"])


async def _on_other_topics(settings: Settings, opened: AIOKafkaProducer) -> None:
    """Write a dead letter of no record, delete a row, and write an earlier checkpoint."""
    topics, changelog = settings.topics, changelog_of(settings)
    letter = {"topic": topics.locations, "partition": 0, "offset": 10**9}
    await opened.send_and_wait(topics.dead_letters, msgspec.json.encode(letter), partition=0)
    rows = {record.key: record for record in await read_all(settings, changelog)}
    row = next(record for record in rows.values() if not record.key.startswith(b"\0") and record.value is not None)
    await opened.send_and_wait(changelog, None, key=row.key, partition=row.partition)
    checkpoint_key, earlier = Checkpoint.key(TP(topics.locations, row.partition)), Checkpoint(next_offset=1, outputs={})
    await opened.send_and_wait(changelog, earlier.dump(), key=checkpoint_key, partition=row.partition)


async def _in_stores(settings: Settings, except_for: str) -> None:
    mongo, elastic = MongoSink(settings), ElasticSink(settings)
    try:
        deleted = next(name for name in await mongo.find(Dataset.VERDICTS) if name != except_for)
        await mongo._collection(Dataset.VERDICTS).delete_one({"_id": deleted})
        outdated = next(iter(await mongo.find(Dataset.SUSPECTS)))
        await mongo._collection(Dataset.SUSPECTS).update_one({"_id": outdated}, {"$set": {"revision": 0}})
        found = await elastic._client.search(index=elastic.alias(Dataset.SUSPECTS), size=1)
        lost = found["hits"]["hits"][0]
        await elastic._client.delete(index=lost["_index"], id=lost["_id"], refresh=True)
    finally:
        await mongo.close()
        await elastic.close()


def _with(value: bytes, **changes: Any) -> bytes:
    return msgspec.json.encode(_read(value) | changes)


def _read(value: bytes) -> dict[str, Any]:
    return dict(msgspec.json.decode(value))
