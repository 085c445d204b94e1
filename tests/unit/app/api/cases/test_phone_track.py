"""The phone track: coarse positions around a payment, without erased ones."""

from app.api.cases.phone_track import FIXES_MAX, PhoneTrack
from app.api.messages import TrackFix
from schemas.push import Push, parse_push
from tests.support.make import NOON_MS, as_bytes, fix, push


def parsed(*fixes: dict[str, object]) -> Push:
    found = parse_push(as_bytes(push(*fixes)))
    assert isinstance(found, Push)
    return found


def tracked(*fixes: dict[str, object], erased_until_ms: int = 0, at_ms: int = NOON_MS + 3_600_000) -> list[TrackFix]:
    track = PhoneTrack(NOON_MS, erased_until_ms)
    track.add(parsed(*fixes), at_ms)
    return track.response(complete=True).fixes


def test_a_track_is_as_coarse_as_a_verdict_and_has_no_minus_zero() -> None:
    (shown,) = tracked(fix(latitude=40.123456, longitude=-0.001234, speed_mps=12.3456, altitude_m=27.4321))
    assert shown == TrackFix(
        at="2026-11-21T12:00:00.000Z",
        latitude=40.12,
        longitude=0.0,
        speed_mps=12.3,
        altitude_m=27.0,
        horizontal_accuracy_m=5.0,
    )
    assert str(shown.longitude) == "0.0"


def test_an_unknown_value_of_a_phone_is_null() -> None:
    (shown,) = tracked(fix(speed_mps=-1.0, horizontal_accuracy_m=-1.0))
    assert (shown.speed_mps, shown.horizontal_accuracy_m, shown.altitude_m) == (None, None, None)


def test_a_track_covers_30_minutes_before_to_15_minutes_after_the_payment() -> None:
    moments = (-1801, -1800, 0, 900, 901)
    assert [one.at for one in tracked(*map(fix, moments))] == [
        "2026-11-21T11:30:00.000Z",
        "2026-11-21T12:00:00.000Z",
        "2026-11-21T12:15:00.000Z",
    ]


def test_a_track_has_each_timestamp_once_oldest_first() -> None:
    fixes = tracked(fix(3), fix(1), fix(3), fix(2))
    assert [one.at[17:19] for one in fixes] == ["01", "02", "03"]


def test_a_track_leaves_out_null_island_and_the_future() -> None:
    assert tracked(fix(1, latitude=0, longitude=0)) == []
    assert tracked(fix(800), at_ms=NOON_MS) == []


def test_a_track_shows_nothing_from_before_the_erasure() -> None:
    assert [one.at for one in tracked(fix(-2), fix(-1), fix(0), erased_until_ms=NOON_MS - 1_000)] == [
        "2026-11-21T12:00:00.000Z"
    ]
    assert tracked(fix(0), erased_until_ms=NOON_MS - 1_000, at_ms=NOON_MS - 1_000) == []


def test_a_track_with_too_many_fixes_shows_an_even_selection() -> None:
    track = PhoneTrack(NOON_MS)
    for first in range(-1800, 900, 900):
        track.add(parsed(*map(fix, range(first, first + 900))), NOON_MS + 900_000)
    fixes = track.response(complete=True).fixes
    assert len(fixes) == FIXES_MAX
    assert (fixes[0].at[11:16], fixes[-1].at[11:16]) == ("11:30", "12:14")
