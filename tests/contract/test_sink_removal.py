"""The contract of sinks: erasure of devices and expiry of months, tested on each real store."""

from typing import Any

import pytest

from app.settings import Settings
from app.sinks.base import Dataset, Sink, WriteResult
from app.sinks.elasticsearch import sink as elastic
from app.sinks.elasticsearch.sink import ElasticSink
from app.sinks.retention import MonthPartition
from schemas.verdict import Verdict
from tests.support.make import feedback, verdict


def of_phone(number: int, phone: str, **changes: Any) -> Verdict:
    return verdict(number, device_token=phone, **changes)


async def test_an_erasure_deletes_all_documents_of_a_device_and_no_others(sink: Sink) -> None:
    await sink.store(Dataset.VERDICTS, [of_phone(number, "device_k1_A") for number in range(3)])
    await sink.store(Dataset.VERDICTS, [of_phone(3, "device_k2_A"), of_phone(4, "device_k1_B")])
    await sink.store(Dataset.SUSPECTS, [of_phone(0, "device_k1_A")])
    both = ["device_k1_A", "device_k2_A"]
    assert [await sink.count(Dataset.VERDICTS, both), await sink.count(Dataset.VERDICTS, ["device_k1_B"])] == [4, 1]
    assert await sink.erase(Dataset.VERDICTS, both) == 4
    assert [await sink.count(Dataset.VERDICTS, both), await sink.count(Dataset.SUSPECTS, both)] == [0, 1]
    assert set(await sink.find(Dataset.VERDICTS)) == {verdict(4).id}


async def test_a_repeated_erasure_deletes_nothing(sink: Sink) -> None:
    assert await sink.erase(Dataset.VERDICTS, ["device_k1_A"]) == 0  # on an empty store
    await sink.store(Dataset.VERDICTS, [of_phone(1, "device_k1_A")])
    assert [await sink.erase(Dataset.VERDICTS, ["device_k1_A"]) for _ in range(2)] == [1, 0]


async def test_documents_stored_after_an_erasure_stay(sink: Sink) -> None:
    await sink.store(Dataset.VERDICTS, [of_phone(1, "device_k1_A")])
    await sink.erase(Dataset.VERDICTS, ["device_k1_A"])
    await sink.store(Dataset.VERDICTS, [of_phone(2, "device_k1_A")])
    assert set(await sink.find(Dataset.VERDICTS)) == {verdict(2).id}


async def test_an_erasure_deletes_more_documents_than_one_page(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elastic, "PAGE_SIZE", 20)
    await sink.store(Dataset.VERDICTS, [of_phone(number, "device_k1_A") for number in range(50)])
    assert await sink.erase(Dataset.VERDICTS, ["device_k1_A"]) == 50
    assert await sink.count(Dataset.VERDICTS) == 0


async def test_an_erasure_deletes_feedback_of_the_device(sink: Sink) -> None:
    await sink.store(Dataset.FEEDBACK, [feedback(1), feedback(2), feedback(3, device_token="device_k1_B")])
    await sink.store(Dataset.VERDICTS, [verdict(1)])
    assert await sink.erase(Dataset.FEEDBACK, ["device_k1_A"]) == 2
    assert set(await sink.find(Dataset.FEEDBACK)) == {feedback(3).id}
    assert await sink.count(Dataset.VERDICTS) == 1


async def test_expiry_deletes_earlier_months_and_no_others(sink: Sink) -> None:
    times = (
        "2025-12-31T23:59:59.999Z",
        "2026-01-01T00:00:00.000Z",
        "2026-01-31T23:59:59.999Z",
        "2026-02-01T00:00:00.000Z",
    )
    await sink.store(Dataset.VERDICTS, [verdict(number, timestamp=time) for number, time in enumerate(times)])
    await sink.store(Dataset.FEEDBACK, [feedback(number, timestamp=time) for number, time in enumerate(times)])
    assert await sink.expire(Dataset.SUSPECTS, MonthPartition(2026, 2)) == 0
    assert [await sink.expire(Dataset.VERDICTS, MonthPartition(2026, 2)) for _ in range(2)] == [3, 0]
    assert set(await sink.find(Dataset.VERDICTS)) == {verdict(3).id}
    assert await sink.expire(Dataset.FEEDBACK, MonthPartition(2026, 1)) == 1
    assert len(await sink.find(Dataset.FEEDBACK)) == 3
    assert await sink.store(Dataset.VERDICTS, [verdict(0, timestamp=times[0])]) == WriteResult(stored=1), (
        "an expired document can be stored again"
    )


async def test_expiry_keeps_an_index_without_a_month_in_its_name(settings: Settings) -> None:
    sink = ElasticSink(settings)
    await sink.prepare()
    other = f"{sink.alias(Dataset.VERDICTS)}-copy"
    await sink._client.indices.create(index=other)
    assert await sink.expire(Dataset.VERDICTS, MonthPartition(2099, 1)) == 0
    assert await sink._client.indices.exists(index=other)
    await sink.close()
