"""What is remembered of a phone."""

from agents.device import HEAD_POINTS_MAX, JUDGED_MAX, Device, Devices
from agents.rules.history import evidence
from agents.rules.track import POINT_BYTES, pack
from tests.support.batch import FakeBatch
from tests.support.make import NOON_MS
from tests.support.phone import point, resting

DAY_S = 86_400


def remembered(batch: FakeBatch, seconds: float = 0) -> list[object]:
    return list(Device(batch, b"phone").evidence(NOON_MS + seconds * 1000))


def test_an_unknown_phone_has_no_memory() -> None:
    device = Device(FakeBatch(), b"phone")
    assert (device.evidence(NOON_MS), device.oldest_ms) == ([], None)


def test_what_is_added_is_remembered_by_the_next_batch() -> None:
    batch = FakeBatch()
    devices = Devices(batch)
    devices[b"phone"].add(pack([point(-2), point(-1)]), NOON_MS)
    devices.save()
    assert remembered(batch) == [point(-2), point(-1)]


def test_one_device_is_read_once_in_a_batch() -> None:
    devices = Devices(FakeBatch())
    assert devices[b"phone"] is devices[b"phone"]


def test_a_long_track_moves_out_of_the_busy_cell_and_is_still_found() -> None:
    batch, points = FakeBatch(), resting(-600, 0)
    for one in points:
        device = Device(batch, b"phone")
        device.add(pack([one]), NOON_MS)
        device.save()
    assert len(batch.rows[b"phone"]) < HEAD_POINTS_MAX * POINT_BYTES + 200
    assert remembered(batch) == evidence(points, NOON_MS)


def test_a_day_of_fixes_every_second_stays_small() -> None:
    batch = FakeBatch()
    for start in range(-DAY_S, 0, 600):
        device = Device(batch, b"phone")
        device.add(pack(resting(start, start + 599)), NOON_MS)
        device.save()
    assert sum(map(len, batch.rows.values())) < 9_000


def test_what_is_older_than_a_day_is_forgotten() -> None:
    batch = FakeBatch()
    device = Device(batch, b"phone")
    device.add(pack([point(-30 * 3600), *resting(-HEAD_POINTS_MAX, 0)]), NOON_MS)
    assert device.oldest_ms is not None
    assert device.oldest_ms > NOON_MS - 26 * 3_600_000


def test_a_transaction_is_judged_once() -> None:
    device = Device(FakeBatch(), b"phone")
    assert [device.judge_once(name, NOON_MS) for name in ("a", "b", "a", "b", "c")] == [True, True, False, False, True]


def test_transactions_are_recognised_over_batches_and_the_oldest_is_forgotten_first() -> None:
    batch = FakeBatch()
    for number in range(JUDGED_MAX + 1):
        device = Device(batch, b"phone")
        device.judge_once(str(number), NOON_MS)
        device.save()
    device = Device(batch, b"phone")
    assert not device.judge_once(str(JUDGED_MAX), NOON_MS)
    assert device.judge_once("0", NOON_MS)


def test_a_payment_does_not_write_the_points_anew_and_a_push_not_the_payments() -> None:
    batch = FakeBatch()
    device = Device(batch, b"phone")
    device.judge_once("a", NOON_MS)
    device.save()
    judged = dict(batch.rows)
    device = Device(batch, b"phone")
    device.add(pack([point(0)]), NOON_MS)
    device.save()
    assert b"phone" not in judged
    assert batch.rows == judged | {b"phone": batch.rows[b"phone"]}


def test_a_push_without_a_usable_fix_leaves_no_row() -> None:
    batch = FakeBatch()
    device = Device(batch, b"phone")
    device.add(b"", NOON_MS)
    device.save()
    assert batch.rows == {}
