"""History and phone track of a case, read from the topics: in order, coarse and within limits."""

import asyncio
import json
from typing import Any, Final

import msgspec
import pytest
from aiokafka.partitioner import DefaultPartitioner

from app.api.cases import topic_lookup, topic_scan
from app.security.agent_context import agent_context
from app.settings import Settings
from app.sinks.base import Dataset
from app.sinks.elasticsearch.sink import ElasticSink
from schemas.erasure import Erasure, encode_erasure
from schemas.json.timestamps import format_us
from schemas.verdict import Outcome, Verdict, encode_verdict
from tests.support.canary import Scanner
from tests.support.console import console_client, get_json, suspect
from tests.support.make import NOON_MS, as_bytes, fix, push
from tests.support.service import changed, producer, provision

EXACT: Final = Scanner([], ["40.123", "75.765", "1234567", "7654321", "phone-1"])
THERE: Final = {"latitude": 40.1234567, "longitude": -75.7654321}

Written = tuple[str, str | None, bytes, float]
"""Topic, key, value and record time in seconds after noon."""


@pytest.fixture
async def prepared(settings: Settings) -> Settings:
    await provision(settings)
    return settings


async def write(settings: Settings, *records: Written) -> None:
    async with producer(settings) as opened:
        for topic, key, value, at_s in records:
            await opened.send_and_wait(
                getattr(settings.topics, topic),
                value,
                key=None if key is None else key.encode(),
                # A record without a key goes to the partition of the device, as from the detector.
                partition=partition_of_phone(settings) if key is None else None,
                timestamp_ms=NOON_MS + round(1000 * at_s),
            )


def partition_of_phone(settings: Settings) -> int:
    """Return the partition of the device."""
    numbers = list(range(settings.partitions))
    return int(DefaultPartitioner()(b"phone-1", numbers, numbers))


async def keep(settings: Settings, *verdicts: Verdict) -> None:
    sink = ElasticSink(settings)
    await sink.store(Dataset.VERDICTS, verdicts)
    assert await sink.count(Dataset.VERDICTS) >= len(verdicts)
    await sink.close()


def published(one: Verdict, at_s: float, device: str = "phone-1", topic: str = "suspects") -> Written:
    return topic, device, encode_verdict(one), at_s


def pushes(*seconds: float, device: str = "phone-1", late_s: float = 0.5, **changes: Any) -> list[Written]:
    """Return pushes of one fix each. Their record time is `late_s` after the fix."""
    return [
        ("locations", device, as_bytes(push(fix(at_s, **THERE | changes), device_id=device)), at_s + late_s)
        for at_s in seconds
    ]


def erasures(settings: Settings, at_s: float) -> list[Written]:
    erasure = Erasure(
        device_tokens=agent_context(settings).masker.tokens("device", "phone-1"),
        request=0,
        forgotten_at=format_us(1000 * (NOON_MS + round(1000 * at_s))),
        rows=1,
        open_payments=0,
    )
    return [(topic, None, encode_erasure(erasure), at_s) for topic in ("verdicts", "suspects")]


def seconds(track: dict[str, Any]) -> list[str]:
    return [one["at"][11:19] for one in track["fixes"]]


async def test_a_history_has_each_revision_in_order_with_its_publication_time(prepared: Settings) -> None:
    settings, first = prepared, suspect(prepared)
    second = msgspec.structs.replace(
        first, revision=2, risk=71, reason="Now it is worse.", codes=("UNREACHABLE_AFTER",)
    )
    third = msgspec.structs.replace(second, revision=3, status="final")
    others = [published(suspect(settings, number, f"other-{number}"), 2, f"other-{number}") for number in range(2, 30)]
    await write(
        settings, published(first, 1), *others, published(second, 60.25), published(first, 61), published(third, 900)
    )
    await keep(settings, third)
    async with console_client(settings) as client:
        history = await get_json(client, f"/api/cases/{first.id}/history")
    assert history["complete"] is True
    assert [(one["revision"], one["status"], one["risk"], one["codes"], one["at"]) for one in history["revisions"]] == [
        (1, "provisional", 50, ["UNREACHABLE_BEFORE"], "2026-11-21T12:00:01.000Z"),
        (2, "provisional", 71, ["UNREACHABLE_AFTER"], "2026-11-21T12:01:00.250Z"),
        (3, "final", 71, ["UNREACHABLE_AFTER"], "2026-11-21T12:15:00.000Z"),
    ]
    assert history["revisions"][1]["reason"] == "Now it is worse."


async def test_a_cleared_case_has_its_whole_history(prepared: Settings) -> None:
    first = suspect(prepared)
    cleared = msgspec.structs.replace(first, revision=2, verdict=Outcome.CLEAR, codes=("REACHABLE",), risk=0)
    await write(prepared, published(first, 1, topic="verdicts"), published(cleared, 5, topic="verdicts"))
    await keep(prepared, cleared)
    async with console_client(prepared) as client:
        history = await get_json(client, f"/api/cases/{first.id}/history")
    assert [one["verdict"] for one in history["revisions"]] == ["suspect", "clear"]


async def test_a_track_is_coarse_in_order_and_of_one_phone(prepared: Settings) -> None:
    case = suspect(prepared)
    await write(
        prepared,
        *pushes(-1801, -1800, -60, -1, -1, 300, 900, 901, altitude_m=27.3, speed_mps=12.34),
        *pushes(-2, 0, 2, device="phone-2"),
        *pushes(-30, late_s=3000),  # the phone had no network
        ("locations", "phone-1", b"junk", 1),
        published(case, 0.1),
    )
    await keep(prepared, case)
    async with console_client(prepared) as client:
        answers = [await get_json(client, f"/api/cases/{case.id}{path}") for path in ("", "/history", "/track")]
    track = answers[-1]
    assert seconds(track) == ["11:30:00", "11:59:00", "11:59:30", "11:59:59", "12:05:00", "12:15:00"]
    assert track["fixes"][0] == {
        "at": "2026-11-21T11:30:00.000Z",
        "latitude": 40.12,
        "longitude": -75.77,
        "speed_mps": 12.3,
        "altitude_m": 27.0,
        "horizontal_accuracy_m": 5.0,
    }
    assert (track["grid_m"], track["complete"]) == (1100, True)
    assert EXACT.find(json.dumps(answers).encode()) == []
    assert EXACT.find(pushes(1)[0][2]) == ["40.123", "75.765", "1234567", "7654321", "phone-1"], (
        "the scanner finds exact coordinates"
    )


async def test_a_payment_that_was_judged_days_later_has_a_track(prepared: Settings) -> None:
    """As with replayed recordings: the record times are days after the fixes."""
    case = suspect(prepared)
    await write(prepared, *pushes(-60, 60, late_s=200_000), published(case, 200_100))
    await keep(prepared, case)
    async with console_client(prepared) as client:
        assert seconds(await get_json(client, f"/api/cases/{case.id}/track")) == ["11:59:00", "12:01:00"]


async def test_a_scan_stops_at_its_limit_and_reads_the_fixes_near_the_payment_first(
    prepared: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = suspect(prepared)
    await write(prepared, *pushes(*range(-1700, -1200, 50)), *pushes(-1, 1), published(case, 0.1))
    await keep(prepared, case)
    async with console_client(prepared) as client:
        await get_json(client, f"/api/cases/{case.id}/history")
        monkeypatch.setattr(topic_scan, "RECORDS_MAX", 2)
        track = await get_json(client, f"/api/cases/{case.id}/track")
    assert (seconds(track), track["complete"]) == (["11:59:59", "12:00:01"], False)
    monkeypatch.setattr(topic_scan, "SECONDS_MAX", 0.0)
    async with console_client(prepared) as client:
        history = await get_json(client, f"/api/cases/{case.id}/history")
    assert history == {"revisions": [], "complete": False}


async def test_erased_positions_are_not_shown_although_the_topics_still_have_them(prepared: Settings) -> None:
    before, after = suspect(prepared, 1), suspect(prepared, 2, timestamp="2026-11-21T12:10:00.000Z")
    await write(prepared, *pushes(-60, 60, 299), published(before, 0.1), *erasures(prepared, 300), *pushes(301, 400))
    await write(prepared, *pushes(250, late_s=100), published(after, 600.1))
    await keep(prepared, before, after)  # the store has not processed the erasure yet
    async with console_client(prepared) as client:
        for path in ("history", "track"):
            assert "was erased" in (await get_json(client, f"/api/cases/{before.id}/{path}", 404))["error"]
        assert seconds(await get_json(client, f"/api/cases/{after.id}/track")) == ["12:05:01", "12:06:40"]


async def test_a_case_that_the_topics_no_longer_hold_is_reported_as_incomplete(prepared: Settings) -> None:
    case = suspect(prepared)
    await keep(prepared, case)
    async with console_client(prepared) as client:
        assert await get_json(client, f"/api/cases/{case.id}/history") == {"revisions": [], "complete": False}
        track = await get_json(client, f"/api/cases/{case.id}/track")
    assert track == {"fixes": [], "grid_m": 1100, "complete": False}


async def test_two_cases_are_read_at_a_time_and_a_full_queue_answers_503(
    prepared: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [suspect(prepared, number) for number in range(12)]
    await write(prepared, *[published(case, number) for number, case in enumerate(cases)])
    await keep(prepared, *cases)
    monkeypatch.setattr(topic_lookup, "QUEUED_MAX", 4)
    async with console_client(prepared) as client:

        async def status(case: Verdict) -> int:
            async with client.get(f"/api/cases/{case.id}/history") as answer:
                return answer.status

        statuses = await asyncio.gather(*map(status, cases))
        assert set(statuses) == {200, 503}
        assert statuses.count(200) >= 4
        assert await asyncio.gather(*[status(cases[0]) for _ in range(12)]) == [200] * 12, "the cache has it"


async def test_an_unavailable_broker_is_reported(prepared: Settings) -> None:
    case = suspect(prepared)
    await keep(prepared, case)
    async with console_client(changed(prepared, kafka_bootstrap="127.0.0.1:1")) as client:
        for path in ("history", "track"):
            assert (
                "Kafka at 127.0.0.1:1 does not answer"
                in (await get_json(client, f"/api/cases/{case.id}/{path}", 503))["error"]
            )
        assert (await get_json(client, f"/api/cases/{case.id}"))["case"]["id"] == case.id
