"""A case's history and its phone's track are read from the topics: in order, coarse, never for long."""

import asyncio
import json
from typing import Any, Final

import msgspec
import pytest
from aiokafka.partitioner import DefaultPartitioner

from app.api.cases import topic_lookup as evidence
from app.api.cases import topic_scan as scan
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

Said = tuple[str, str | None, bytes, float]
"""A topic, a key, a value, and when it was said, in seconds after noon."""


@pytest.fixture
async def prepared(settings: Settings) -> Settings:
    await provision(settings)
    return settings


async def say(settings: Settings, *records: Said) -> None:
    async with producer(settings) as opened:
        for topic, key, value, at_s in records:
            await opened.send_and_wait(
                getattr(settings.topics, topic),
                value,
                key=None if key is None else key.encode(),
                # What has no key lies where the detector would put it: with its device.
                partition=home_of(settings) if key is None else None,
                timestamp_ms=NOON_MS + round(1000 * at_s),
            )


def home_of(settings: Settings) -> int:
    """The partition of the device."""
    numbers = list(range(settings.partitions))
    return int(DefaultPartitioner()(b"phone-1", numbers, numbers))


async def keep(settings: Settings, *verdicts: Verdict) -> None:
    sink = ElasticSink(settings)
    await sink.store(Dataset.VERDICTS, verdicts)
    assert await sink.count(Dataset.VERDICTS) >= len(verdicts)
    await sink.close()


def judged(one: Verdict, at_s: float, device: str = "phone-1", topic: str = "suspects") -> Said:
    return topic, device, encode_verdict(one), at_s


def heard(*seconds: float, device: str = "phone-1", late_s: float = 0.5, **changes: Any) -> list[Said]:
    """Pushes of one fix each, which the broker has a moment later."""
    return [
        ("locations", device, as_bytes(push(fix(at_s, **THERE | changes), device_id=device)), at_s + late_s)
        for at_s in seconds
    ]


def news(settings: Settings, at_s: float) -> list[Said]:
    said = Erasure(
        device_tokens=agent_context(settings).masker.tokens("device", "phone-1"),
        request=0,
        forgotten_at=format_us(1000 * (NOON_MS + round(1000 * at_s))),
        rows=1,
        open_payments=0,
    )
    return [(topic, None, encode_erasure(said), at_s) for topic in ("verdicts", "suspects")]


def seconds(track: dict[str, Any]) -> list[str]:
    return [one["at"][11:19] for one in track["fixes"]]


async def test_a_history_has_each_revision_in_order_with_when_it_was_published(prepared: Settings) -> None:
    settings, first = prepared, suspect(prepared)
    second = msgspec.structs.replace(
        first, revision=2, risk=71, reason="Now it is worse.", codes=("UNREACHABLE_AFTER",)
    )
    third = msgspec.structs.replace(second, revision=3, status="final")
    strangers = [judged(suspect(settings, number, f"other-{number}"), 2, f"other-{number}") for number in range(2, 30)]
    await say(settings, judged(first, 1), *strangers, judged(second, 60.25), judged(first, 61), judged(third, 900))
    await keep(settings, third)
    async with console_client(settings) as client:
        told = await get_json(client, f"/api/cases/{first.id}/history")
    assert told["complete"] is True
    assert [(one["revision"], one["status"], one["risk"], one["codes"], one["at"]) for one in told["revisions"]] == [
        (1, "provisional", 50, ["UNREACHABLE_BEFORE"], "2026-11-21T12:00:01.000Z"),
        (2, "provisional", 71, ["UNREACHABLE_AFTER"], "2026-11-21T12:01:00.250Z"),
        (3, "final", 71, ["UNREACHABLE_AFTER"], "2026-11-21T12:15:00.000Z"),
    ]
    assert told["revisions"][1]["reason"] == "Now it is worse."


async def test_a_case_that_is_no_suspect_any_more_has_its_whole_history(prepared: Settings) -> None:
    first = suspect(prepared)
    cleared = msgspec.structs.replace(first, revision=2, verdict=Outcome.CLEAR, codes=("REACHABLE",), risk=0)
    await say(prepared, judged(first, 1, topic="verdicts"), judged(cleared, 5, topic="verdicts"))
    await keep(prepared, cleared)
    async with console_client(prepared) as client:
        told = await get_json(client, f"/api/cases/{first.id}/history")
    assert [one["verdict"] for one in told["revisions"]] == ["suspect", "clear"]


async def test_a_track_is_coarse_in_order_and_of_this_phone_alone(prepared: Settings) -> None:
    case = suspect(prepared)
    await say(
        prepared,
        *heard(-1801, -1800, -60, -1, -1, 300, 900, 901, altitude_m=27.3, speed_mps=12.34),
        *heard(-2, 0, 2, device="phone-2"),
        *heard(-30, late_s=3000),  # it was without a network
        ("locations", "phone-1", b"junk", 1),
        judged(case, 0.1),
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
    assert EXACT.find(heard(1)[0][2]) == ["40.123", "75.765", "1234567", "7654321", "phone-1"], "it would be found"


async def test_a_payment_that_was_judged_long_afterwards_has_a_track_too(prepared: Settings) -> None:
    """As when recordings are played again: what was said came days after what it is about."""
    case = suspect(prepared)
    await say(prepared, *heard(-60, 60, late_s=200_000), judged(case, 200_100))
    await keep(prepared, case)
    async with console_client(prepared) as client:
        assert seconds(await get_json(client, f"/api/cases/{case.id}/track")) == ["11:59:00", "12:01:00"]


async def test_reading_ends_when_its_budget_is_spent_and_what_is_near_the_payment_comes_first(
    prepared: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = suspect(prepared)
    await say(prepared, *heard(*range(-1700, -1200, 50)), *heard(-1, 1), judged(case, 0.1))
    await keep(prepared, case)
    async with console_client(prepared) as client:
        await get_json(client, f"/api/cases/{case.id}/history")
        monkeypatch.setattr(scan, "RECORDS_MAX", 2)
        track = await get_json(client, f"/api/cases/{case.id}/track")
    assert (seconds(track), track["complete"]) == (["11:59:59", "12:00:01"], False)
    monkeypatch.setattr(scan, "SECONDS_MAX", 0.0)
    async with console_client(prepared) as client:
        history = await get_json(client, f"/api/cases/{case.id}/history")
    assert history == {"revisions": [], "complete": False}


async def test_what_was_forgotten_is_not_shown_although_the_topics_still_have_it(prepared: Settings) -> None:
    before, after = suspect(prepared, 1), suspect(prepared, 2, timestamp="2026-11-21T12:10:00.000Z")
    await say(prepared, *heard(-60, 60, 299), judged(before, 0.1), *news(prepared, 300), *heard(301, 400))
    await say(prepared, *heard(250, late_s=100), judged(after, 600.1))
    await keep(prepared, before, after)  # a store that has not come to it yet
    async with console_client(prepared) as client:
        for path in ("history", "track"):
            assert "was forgotten" in (await get_json(client, f"/api/cases/{before.id}/{path}", 404))["error"]
        assert seconds(await get_json(client, f"/api/cases/{after.id}/track")) == ["12:05:01", "12:06:40"]


async def test_a_case_that_the_topics_no_longer_have_says_that_something_is_missing(prepared: Settings) -> None:
    case = suspect(prepared)
    await keep(prepared, case)
    async with console_client(prepared) as client:
        assert await get_json(client, f"/api/cases/{case.id}/history") == {"revisions": [], "complete": False}
        track = await get_json(client, f"/api/cases/{case.id}/track")
    assert track == {"fixes": [], "grid_m": 1100, "complete": False}


async def test_two_cases_are_read_at_a_time_and_who_would_wait_too_long_is_told(
    prepared: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [suspect(prepared, number) for number in range(12)]
    await say(prepared, *[judged(case, number) for number, case in enumerate(cases)])
    await keep(prepared, *cases)
    monkeypatch.setattr(evidence, "QUEUED_MAX", 4)
    async with console_client(prepared) as client:

        async def status(case: Verdict) -> int:
            async with client.get(f"/api/cases/{case.id}/history") as answer:
                return answer.status

        statuses = await asyncio.gather(*map(status, cases))
        assert set(statuses) == {200, 503}
        assert statuses.count(200) >= 4
        assert await asyncio.gather(*[status(cases[0]) for _ in range(12)]) == [200] * 12, "it is read once"


async def test_a_broker_that_is_away_is_said_with_what_to_do(prepared: Settings) -> None:
    case = suspect(prepared)
    await keep(prepared, case)
    async with console_client(changed(prepared, kafka_bootstrap="127.0.0.1:1")) as client:
        for path in ("history", "track"):
            assert (
                "Kafka at 127.0.0.1:1 does not answer"
                in (await get_json(client, f"/api/cases/{case.id}/{path}", 503))["error"]
            )
        assert (await get_json(client, f"/api/cases/{case.id}"))["case"]["id"] == case.id
