"""Point codec: fixes as packed points, and their faults."""

from typing import Any

import pytest

from agents.rules.evidence.point_codec import TrackPoint, first_timestamp_ms, pack, pack_push, unpack
from agents.rules.state_limits import STATE_LIMITS
from schemas.codes.fix_fault import FixFault
from schemas.push import Fix, Push
from tests.support.make import HOME, NOON_MS
from tests.support.phone import point


def packed(**changes: Any) -> TrackPoint:
    fields: dict[str, Any] = {"at_ms": NOON_MS, "latitude": 1.0, "longitude": 2.0}
    return unpack(pack_push(Push("phone-1", (Fix(**fields | changes),))).points)[0]


@pytest.mark.parametrize(
    ("speed_mps", "known_mps"), [(-0.01, None), (0.0, 0.0), (1.234, 1.23), (350.0, 350.0), (350.01, None), (None, None)]
)
def test_a_possible_speed_is_packed_in_centimetres_per_second(speed_mps: float | None, known_mps: float | None) -> None:
    assert packed(speed_mps=speed_mps).speed_mps == known_mps


@pytest.mark.parametrize(
    ("accuracy_m", "known_m"), [(-0.5, None), (0.0, None), (0.5, 0.5), (1.5, 1.5), (3e38, 3e38), (3.1e38, None)]
)
def test_a_possible_accuracy_is_packed(accuracy_m: float, known_m: float | None) -> None:
    found = packed(horizontal_accuracy_m=accuracy_m).accuracy_m
    assert found == (None if known_m is None else pytest.approx(known_m, rel=1e-6))


def test_an_unknown_speed_keeps_its_stored_number() -> None:
    assert packed(speed_mps=None).speed_cmps == 0xFFFF


def test_a_mock_position_has_the_mock_flag() -> None:
    assert packed(mock=True).mock is True
    assert packed(mock=False).mock is False
    assert packed(mock=True).flags == 1


@pytest.mark.parametrize(("latitude", "longitude", "fixes"), [(0, 0, 0), (0, 1e-6, 1), (1e-6, 0, 1)])
def test_null_island_is_exactly_one_point(latitude: float, longitude: float, fixes: int) -> None:
    assert len(unpack(pack_push(Push("phone-1", (Fix(NOON_MS, latitude, longitude),))).points)) == fixes


def test_the_future_begins_five_minutes_after_the_receipt_of_the_push() -> None:
    fixes = tuple(Fix(NOON_MS + ahead_ms, 1.0, 2.0) for ahead_ms in (0, 300_000, 300_001, 600_000, 600_001))

    def ahead_ms(received_ms: int | None, appended_ms: int | None) -> int:
        push = Push("phone-1", fixes, received_at_ms=received_ms)
        return unpack(pack_push(push, appended_ms).points)[-1].at_ms - NOON_MS

    assert ahead_ms(NOON_MS, None) == 300_000
    assert ahead_ms(NOON_MS, NOON_MS + 300_000) == 300_000
    assert ahead_ms(None, NOON_MS + 300_000) == 600_000
    assert ahead_ms(None, None) == 600_001


FAULTS: list[tuple[str, dict[str, Any], list[FixFault]]] = [
    ("none", {"speed_mps": 350.0, "horizontal_accuracy_m": 99.9}, []),
    ("an unknown speed is no fault", {"speed_mps": None, "horizontal_accuracy_m": 5.0}, []),
    ("a negative speed is no fault", {"speed_mps": -1.0, "horizontal_accuracy_m": 5.0}, []),
    ("too fast", {"speed_mps": 350.1, "horizontal_accuracy_m": 5.0}, [FixFault.SPEED_IMPOSSIBLE]),
    ("no accuracy", {"horizontal_accuracy_m": None}, [FixFault.ACCURACY_UNKNOWN]),
    ("accuracy of zero", {"horizontal_accuracy_m": 0.0}, [FixFault.ACCURACY_UNKNOWN]),
    ("accuracy beyond the number format", {"horizontal_accuracy_m": 3.1e38}, [FixFault.ACCURACY_UNKNOWN]),
    ("accuracy of a network", {"horizontal_accuracy_m": 100.0}, [FixFault.ACCURACY_POOR]),
    ("mock", {"horizontal_accuracy_m": 5.0, "mock": True}, [FixFault.MOCK]),
    ("null island", {"latitude": 0.0, "longitude": 0.0}, [FixFault.NULL_ISLAND]),
    ("the future", {"at_ms": NOON_MS + 300_001}, [FixFault.FUTURE]),
]


@pytest.mark.parametrize(("changes", "faults"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_each_fault_of_a_fix_has_its_code(changes: dict[str, Any], faults: list[FixFault]) -> None:
    fields: dict[str, Any] = {"at_ms": NOON_MS, "latitude": 1.0, "longitude": 2.0}
    push = Push("phone-1", (Fix(**fields | changes),), received_at_ms=NOON_MS)
    assert pack_push(push).faults == faults


def test_the_first_timestamp_is_read_without_unpacking() -> None:
    assert first_timestamp_ms(pack([point(-1), point(2), point(5)])) == NOON_MS - 1000
    assert first_timestamp_ms(b"") is None
    assert first_timestamp_ms(pack([point(0)._replace(at_ms=-5)])) == -5


def test_only_usable_fixes_have_moments() -> None:
    moments = [NOON_MS, NOON_MS - 1000, NOON_MS + STATE_LIMITS.future_ms + 1]
    push = Push("phone-1", tuple(Fix(moment, *HOME) for moment in moments), received_at_ms=NOON_MS)
    assert pack_push(push).moments_ms == moments[:2]
