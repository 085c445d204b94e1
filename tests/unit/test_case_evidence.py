"""What the topics tell of a case: its history, and a track that is no finer than a verdict."""

import asyncio
import json

import msgspec
import pytest

from app.api.cases.case_history import CaseHistory, CaseHistoryBuilder
from app.api.cases.feedback_writer import PENDING_MAX, FeedbackWriter, as_json
from app.api.cases.phone_track import FIXES_MAX, PhoneTrack
from app.api.cases.single_flight_cache import SingleFlightCache
from app.errors import UnavailableError
from app.settings import Settings
from schemas.erasure import Erasure, encode_erasure
from schemas.push import parse_push
from schemas.verdict import Verdict, encode_verdict
from tests.support.batch import POLICY, FakeRecord
from tests.support.make import NOON_MS, as_bytes, feedback, fix, push, verdict

TOKEN = POLICY.masker.token("device", "phone-1")
OTHER = POLICY.masker.token("device", "phone-2")


def said(number: int, revision: int, at_s: float = 0, **changes: object) -> FakeRecord:
    one: Verdict = verdict(number, revision=revision, device_token=TOKEN, **changes)
    return FakeRecord(b"phone-1", encode_verdict(one), partition=3, timestamp=NOON_MS + round(1000 * at_s))


def erased(token: str, at: str = "2026-11-21T11:50:00.000Z") -> FakeRecord:
    news = Erasure(device_tokens=(token,), request=0, forgotten_at=at, rows=0, open_payments=0)
    return FakeRecord(None, encode_erasure(news), partition=3)


def followed(*records: FakeRecord) -> CaseHistory:
    follower = CaseHistoryBuilder(msgspec.to_builtins(verdict(1, device_token=TOKEN)))
    for record in records:
        follower.add(record)
    return follower.build(complete=True, is_truncated=False)


def test_a_history_has_each_revision_of_the_case_once_and_in_order() -> None:
    trail = followed(said(2, 1), said(1, 1, 1), said(1, 2, 5), FakeRecord(b"k", b"junk"), said(1, 1, 9), said(1, 3, 7))
    told = trail.as_json()["revisions"]
    assert [(one["revision"], one["at"][11:]) for one in told] == [
        (1, "12:00:01.000Z"),
        (2, "12:00:05.000Z"),
        (3, "12:00:07.000Z"),
    ]
    assert (trail.device, trail.partition, trail.is_erased) == (b"phone-1", 3, False)
    assert "phone-1" not in repr(trail) + json.dumps(trail.as_json())


def test_only_a_record_of_the_case_itself_tells_where_it_is() -> None:
    follower = CaseHistoryBuilder(msgspec.to_builtins(verdict(1, device_token=TOKEN)))
    same_device = said(2, 1)
    named_elsewhere = FakeRecord(b"k", as_bytes({"note": verdict(1).id}), partition=1)
    assert [follower.add(one) for one in (same_device, named_elsewhere, erased(TOKEN), said(1, 1))] == [
        False,
        False,
        False,
        True,
    ]


def test_a_case_whose_device_was_forgotten_afterwards_is_known_for_that() -> None:
    assert followed(said(1, 1), erased(TOKEN)).is_erased
    assert not followed(said(1, 1), erased(OTHER)).is_erased


def test_a_case_of_a_device_that_came_back_knows_since_when() -> None:
    trail = followed(erased(TOKEN), erased(TOKEN, "2026-11-21T11:55:00.000Z"), said(1, 1))
    assert (trail.is_erased, trail.erased_until_ms) == (False, NOON_MS - 300_000)


def test_a_case_that_is_not_there_has_no_device() -> None:
    assert followed(said(2, 1)).device is None


# -- the track


def tracked(*fixes: dict[str, object], since_ms: int = 0, at_ms: int = NOON_MS + 3_600_000) -> list[dict[str, object]]:
    track = PhoneTrack(NOON_MS, since_ms)
    pushed = parse_push(as_bytes(push(*fixes)))
    track.add(pushed, at_ms)  # type: ignore[arg-type]  # it is one
    told: list[dict[str, object]] = track.as_json(complete=True)["fixes"]
    return told


def test_a_track_is_as_coarse_as_a_verdict_and_has_no_minus_zero() -> None:
    (told,) = tracked(fix(latitude=40.123456, longitude=-0.001234, speed_mps=12.3456, altitude_m=27.4321))
    assert told == {
        "at": "2026-11-21T12:00:00.000Z",
        "latitude": 40.12,
        "longitude": 0.0,
        "speed_mps": 12.3,
        "altitude_m": 27.0,
        "horizontal_accuracy_m": 5.0,
    }
    assert str(told["longitude"]) == "0.0"


def test_what_a_phone_does_not_know_is_null() -> None:
    (told,) = tracked(fix(speed_mps=-1.0, horizontal_accuracy_m=-1.0))
    assert (told["speed_mps"], told["horizontal_accuracy_m"], told["altitude_m"]) == (None, None, None)


def test_a_track_begins_half_an_hour_before_the_payment_and_ends_a_quarter_after() -> None:
    moments = (-1801, -1800, 0, 900, 901)
    assert [one["at"] for one in tracked(*map(fix, moments))] == [
        "2026-11-21T11:30:00.000Z",
        "2026-11-21T12:00:00.000Z",
        "2026-11-21T12:15:00.000Z",
    ]


def test_each_moment_is_there_once_and_the_oldest_first() -> None:
    told = tracked(fix(3), fix(1), fix(3), fix(2))
    assert [str(one["at"])[17:19] for one in told] == ["01", "02", "03"]


def test_nowhere_and_the_future_are_left_out() -> None:
    assert tracked(fix(1, latitude=0, longitude=0)) == []
    assert tracked(fix(800), at_ms=NOON_MS) == []


def test_nothing_is_shown_from_before_the_device_was_forgotten() -> None:
    assert [one["at"] for one in tracked(fix(-2), fix(-1), fix(0), since_ms=NOON_MS - 1_000)] == [
        "2026-11-21T12:00:00.000Z"
    ]
    assert tracked(fix(0), since_ms=NOON_MS - 1_000, at_ms=NOON_MS - 1_000) == []


def test_of_too_many_fixes_some_are_shown_from_all_of_the_time() -> None:
    track = PhoneTrack(NOON_MS)
    for first in range(-1800, 900, 900):
        track.add(parse_push(as_bytes(push(*map(fix, range(first, first + 900))))), NOON_MS + 900_000)  # type: ignore[arg-type]
    told = track.as_json(complete=True)["fixes"]
    assert len(told) == FIXES_MAX
    assert (told[0]["at"][11:16], told[-1]["at"][11:16]) == ("11:30", "12:14")


# -- what is remembered


async def test_what_several_ask_for_together_is_found_once() -> None:
    memo: SingleFlightCache[int] = SingleFlightCache()
    asked = 0

    async def find() -> int:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.01)
        return asked

    assert await asyncio.gather(*[memo.get("a", find) for _ in range(5)]) == [1] * 5
    assert [await memo.get(name, find) for name in ("b", "a")] == [2, 1]


async def test_what_failed_is_tried_again_and_who_gives_up_stops_nobody() -> None:
    memo: SingleFlightCache[int] = SingleFlightCache()
    answers = iter([None, 7])

    async def find() -> int:
        await asyncio.sleep(0.01)
        answer = next(answers)
        if answer is None:
            raise UnavailableError("not now")
        return answer

    with pytest.raises(UnavailableError, match="not now"):
        await memo.get("a", find)
    impatient = asyncio.create_task(memo.get("a", find))
    patient = asyncio.create_task(memo.get("a", find))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == 7


def test_what_was_said_last_is_known_until_the_store_has_it() -> None:
    desk = FeedbackWriter(Settings(_env_file=None), lambda: 0.0)
    first, second = feedback(note="first"), feedback(note="second", given_at="2026-11-21T13:00:00.000001Z")
    assert desk.latest(first.id, None) is None
    desk.observe(second)
    assert desk.latest(first.id, first) == second
    assert desk.latest(first.id, second) == second
    assert desk.latest(first.id, None) is None, "it is the store's from then on"


def test_not_everything_that_was_ever_said_is_kept_in_memory() -> None:
    desk = FeedbackWriter(Settings(_env_file=None), lambda: 0.0)
    for number in range(PENDING_MAX + 1):
        desk.observe(feedback(number))
    assert desk.latest(feedback(0).id, None) is None
    assert desk.latest(feedback(1).id, None) is not None


def test_the_page_is_not_told_which_device_it_is() -> None:
    told = as_json(feedback())
    assert told is not None
    assert set(told) == {"id", "transaction_id", "verdict", "note", "analyst", "given_at", "revision"}
