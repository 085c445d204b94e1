"""The last message of each device."""

from schemas.push import Fix, Push
from sensor_logger_bridge.devices.last_seen import DeviceProblem, LastReport, LastSeen
from tests.support.make import NOON_MS, fix

MOCK = DeviceProblem("mock", "This phone reports fake positions.")


def push(*seconds: int, device_id: str = "phone-1", accuracy_m: float | None = 5.0) -> Push:
    fixes = tuple(Fix(**fix(second, horizontal_accuracy_m=accuracy_m)) for second in seconds)
    return Push(device_id, fixes)


def test_a_device_without_messages_has_no_report() -> None:
    assert LastSeen().of("phone-1") is None


def test_a_report_has_the_newest_fix_of_an_unordered_push() -> None:
    last_seen = LastSeen()
    last_seen.seen_fixes(push(3, 9, 1), "overland", NOON_MS + 10_000)
    assert last_seen.of("phone-1") == LastReport("overland", NOON_MS + 10_000, NOON_MS + 9_000, 5.0)


def test_a_late_push_does_not_replace_a_newer_fix() -> None:
    last_seen = LastSeen()
    last_seen.seen_fixes(push(9, accuracy_m=4.0), "overland", NOON_MS + 10_000)
    last_seen.seen_fixes(push(1, accuracy_m=70.0), "overland", NOON_MS + 11_000)
    assert last_seen.of("phone-1") == LastReport("overland", NOON_MS + 11_000, NOON_MS + 9_000, 4.0)


def test_an_unknown_accuracy_is_reported_as_none() -> None:
    last_seen = LastSeen()
    last_seen.seen_fixes(push(1), "gpslogger", NOON_MS)
    last_seen.seen_fixes(push(2, accuracy_m=None), "gpslogger", NOON_MS)
    last = last_seen.of("phone-1")
    assert last is not None
    assert last.accuracy_m is None


def test_a_problem_stays_until_the_next_message_without_one() -> None:
    last_seen = LastSeen()
    last_seen.seen_fixes(push(1), "owntracks", NOON_MS)
    last_seen.seen("phone-1", "owntracks", NOON_MS + 2_000, MOCK)
    assert last_seen.of("phone-1") == LastReport("owntracks", NOON_MS + 2_000, NOON_MS + 1_000, 5.0, MOCK)
    last_seen.seen_fixes(push(3), "owntracks", NOON_MS + 3_000)
    assert last_seen.of("phone-1") == LastReport("owntracks", NOON_MS + 3_000, NOON_MS + 3_000, 5.0)


def test_the_device_with_the_oldest_message_is_dropped_first() -> None:
    last_seen = LastSeen(devices_max=2)
    for device_id in ("a", "b", "a", "c"):
        last_seen.seen_fixes(push(1, device_id=device_id), "traccar", NOON_MS)
    assert [last_seen.of(device_id) is None for device_id in ("a", "b", "c")] == [False, True, False]
