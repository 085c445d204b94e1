"""What the bridge last heard of each phone."""

from schemas.push import Fix, Push
from sensor_logger_bridge.devices.last_seen import DeviceProblem, LastReport, LastSeen
from tests.support.make import NOON_MS, fix

MOCK = DeviceProblem("mock", "This phone makes its positions up.")


def push(*seconds: int, device_id: str = "phone-1", accuracy_m: float | None = 5.0) -> Push:
    fixes = tuple(Fix(**fix(second, horizontal_accuracy_m=accuracy_m)) for second in seconds)
    return Push(device_id, fixes)


def test_nothing_was_heard_of_a_phone_that_never_spoke() -> None:
    assert LastSeen().of("phone-1") is None


def test_the_newest_fix_of_a_push_is_told_in_whatever_order_they_come() -> None:
    heard = LastSeen()
    heard.seen_fixes(push(3, 9, 1), "overland", NOON_MS + 10_000)
    assert heard.of("phone-1") == LastReport("overland", NOON_MS + 10_000, NOON_MS + 9_000, 5.0)


def test_a_late_push_does_not_make_a_phone_look_older() -> None:
    heard = LastSeen()
    heard.seen_fixes(push(9, accuracy_m=4.0), "overland", NOON_MS + 10_000)
    heard.seen_fixes(push(1, accuracy_m=70.0), "overland", NOON_MS + 11_000)
    assert heard.of("phone-1") == LastReport("overland", NOON_MS + 11_000, NOON_MS + 9_000, 4.0)


def test_an_accuracy_that_the_phone_does_not_know_is_told_as_none() -> None:
    heard = LastSeen()
    heard.seen_fixes(push(1), "gpslogger", NOON_MS)
    heard.seen_fixes(push(2, accuracy_m=None), "gpslogger", NOON_MS)
    last = heard.of("phone-1")
    assert last is not None
    assert last.accuracy_m is None


def test_a_complaint_stands_beside_the_last_fix_until_a_message_without_one() -> None:
    heard = LastSeen()
    heard.seen_fixes(push(1), "owntracks", NOON_MS)
    heard.seen("phone-1", "owntracks", NOON_MS + 2_000, MOCK)
    assert heard.of("phone-1") == LastReport("owntracks", NOON_MS + 2_000, NOON_MS + 1_000, 5.0, MOCK)
    heard.seen_fixes(push(3), "owntracks", NOON_MS + 3_000)
    assert heard.of("phone-1") == LastReport("owntracks", NOON_MS + 3_000, NOON_MS + 3_000, 5.0)


def test_the_phone_unheard_of_for_longest_is_forgotten_first() -> None:
    heard = LastSeen(devices_max=2)
    for device_id in ("a", "b", "a", "c"):
        heard.seen_fixes(push(1, device_id=device_id), "traccar", NOON_MS)
    assert [heard.of(device_id) is None for device_id in ("a", "b", "c")] == [False, True, False]
