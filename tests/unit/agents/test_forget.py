"""Forget: the rows of a device go, sinks learn its tokens, and older records stay out."""

from dataclasses import replace
from typing import Any

import pytest

from agents.forget import forget
from agents.ingest_positions import ingest_positions
from agents.rules.publish.mask import Key, Masker
from agents.rules.state_limits import STATE_LIMITS
from agents.score import score
from agents.state.erasure_tombstones import TOMBSTONES_KEY, ErasureTombstones
from agents.state.position_history import PositionHistory
from agents.state.retention import expire
from schemas.codes.fix_fault import FixFault
from schemas.codes.record_outcome import RecordOutcome
from schemas.codes.reject import RejectCode
from schemas.dead_letter import decode_dead_letter
from schemas.erasure import Erasure, RemovedItem, parse_erasure
from tests.support.batch import CONTEXT, FakeBatch, FakeRecord, keyed, verdicts
from tests.support.make import NOON_MS, fix, payment, push
from tests.support.phone import east_of_home

MINUTE_MS = 60_000
NEW = Key("k2", b"another key for tests, and for nothing else.")
ROTATED = replace(CONTEXT, masker=Masker.of([NEW, CONTEXT.masker.key]))


def request(device: str = "phone-1", at_ms: int = NOON_MS + MINUTE_MS, offset: int = 7) -> FakeRecord:
    return replace(keyed({"device_id": device}, device, at_ms), topic="erasures", offset=offset)


def rows_of(*devices: str) -> dict[bytes, bytes]:
    """Return the rows of devices, each with an hour of positions and two open payments."""
    rows: dict[bytes, bytes] = {}
    for device in devices:
        fixes = [fix(-second, speed_mps=None) for second in range(3600, 0, -20)]
        ingest_positions(FakeBatch([keyed(push(*fixes, device_id=device), device)], rows), CONTEXT)
        paid = [payment(f"{device}-{number}", device_id=device) for number in (1, 2)]
        unlocated = payment(f"{device}-3", device_id=device, latitude=None, longitude=None)
        score(FakeBatch([keyed(one, device) for one in (*paid, unlocated)], rows), CONTEXT)
    return rows


def erase(rows: dict[bytes, bytes], *requests: FakeRecord, context: Any = CONTEXT) -> FakeBatch:
    batch = FakeBatch(list(requests) or [request()], rows)
    forget(batch, context)
    return batch


def erasures(batch: FakeBatch, topic: str) -> list[Erasure]:
    erasure = [parse_erasure(value) for value in batch.values(topic)]
    assert all(erasure)
    return [one for one in erasure if one is not None]


def keys_of(device: bytes, rows: dict[bytes, bytes]) -> set[bytes]:
    return {key for key in rows if key.partition(b"\0")[0] == device}


def test_every_row_of_the_device_goes_and_other_devices_keep_theirs() -> None:
    rows = rows_of("phone-1", "phone-2")
    before = dict(rows)
    batch = erase(rows)
    gone = keys_of(b"phone-1", before)
    assert len(gone) > 5  # head, segments, payments, two answers, seen transactions
    assert {key: value for key, value in rows.items() if key != TOMBSTONES_KEY} == {
        key: value for key, value in before.items() if key not in gone
    }
    assert batch.counts == {RecordOutcome.ERASED: 1, RemovedItem.ROW: len(gone), RemovedItem.OPEN_PAYMENT: 2}


def test_the_erasure_goes_to_every_stored_topic_without_the_device_id() -> None:
    batch = erase(rows_of("phone-1"))
    assert batch.sent["verdicts"] == batch.sent["potential_fraud_transactions"] == batch.sent["feedback"]
    ((key, value),) = batch.sent["verdicts"]
    assert key is None
    assert b"phone-1" not in value
    (erasure,) = erasures(batch, "verdicts")
    assert erasure.device_tokens == (CONTEXT.masker.token("device", "phone-1"),)
    assert (erasure.request, erasure.forgotten_at, erasure.open_payments) == (7, "2026-11-21T12:01:00.000Z", 2)


def test_the_erasure_lists_the_token_under_every_key() -> None:
    (erasure,) = erasures(erase(rows_of("phone-1"), context=ROTATED), "verdicts")
    assert [token.split("_")[1] for token in erasure.device_tokens] == ["k2", "k1"]


def test_a_repeated_request_removes_nothing_more() -> None:
    rows = rows_of("phone-1")
    batch = erase(rows, request(), request(at_ms=NOON_MS + 2 * MINUTE_MS, offset=8))
    assert [(one.request, one.rows > 0) for one in erasures(batch, "verdicts")] == [(7, True), (8, False)]
    assert list(rows) == [TOMBSTONES_KEY]


def test_an_unknown_device_can_be_erased() -> None:
    (erasure,) = erasures(erase({}), "verdicts")
    assert (erasure.rows, erasure.open_payments) == (0, 0)


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        (b"phone-1", None, RejectCode.EMPTY),
        (b"phone-1", b"junk", RejectCode.NOT_JSON),
        (b"phone-1", b"[]", RejectCode.NOT_OBJECT),
        (b"phone-1", b"{}", RejectCode.MISSING),
        (b"phone-1", b'{"device_id":""}', RejectCode.MISSING),
        (b"phone-1", b'{"device_id":"a/b"}', RejectCode.PATTERN),
        (b"4556737586899855", b'{"device_id":"4556737586899855"}', RejectCode.CARD_IN_ID),
        (b"phone-1", b'{"device_id":"phone-2"}', RejectCode.KEY_MISMATCH),
        (b"phone-1", b'{"device_id":"phone-1","device_id":"phone-1"}', RejectCode.DUPLICATE_KEY),
        (None, b'{"device_id":"phone-1"}', RejectCode.KEY_MISMATCH),
    ],
)
def test_a_record_that_is_no_request_is_a_dead_letter_and_removes_nothing(
    key: bytes | None, value: bytes | None, code: RejectCode
) -> None:
    rows = rows_of("phone-1")
    before = dict(rows)
    batch = erase(rows, FakeRecord(key, value, topic="erasures"))
    (letter,) = map(decode_dead_letter, batch.values("dead_letters"))
    assert (letter.code, letter.topic) == (code, "erasures")
    assert rows == before
    assert batch.counts == {code: 1}


# records from before the erasure


def repeat_payment(rows: dict[bytes, bytes], at_ms: int, **changes: Any) -> FakeBatch:
    batch = FakeBatch([keyed(payment(1, **changes), timestamp=at_ms)], rows)
    score(batch, CONTEXT)
    return batch


def test_a_repeated_payment_from_before_the_erasure_is_skipped_and_counted() -> None:
    rows = rows_of("phone-1")
    erase(rows)
    batch = repeat_payment(rows, NOON_MS + 9 * MINUTE_MS)
    assert not batch.sent
    assert batch.counts == {RecordOutcome.FORGOTTEN: 1}
    assert list(rows) == [TOMBSTONES_KEY]


def test_a_payment_received_before_the_erasure_is_skipped_despite_its_clock() -> None:
    rows = rows_of("phone-1")
    erase(rows)
    early = repeat_payment(rows, NOON_MS + MINUTE_MS, timestamp="2026-11-21T12:09:00.000Z")
    assert early.counts == {RecordOutcome.FORGOTTEN: 1}


def test_a_payment_after_the_erasure_is_judged_by_newer_positions() -> None:
    rows = rows_of("phone-1")
    erase(rows)
    batch = repeat_payment(rows, NOON_MS + 2 * MINUTE_MS, timestamp="2026-11-21T12:01:00.001Z")
    assert [one.codes for one in verdicts(batch)] == [("NO_FIX",)]


def test_a_payment_at_the_time_of_the_erasure_is_skipped() -> None:
    rows = rows_of("phone-1")
    erase(rows)
    batch = repeat_payment(rows, NOON_MS + 2 * MINUTE_MS, timestamp="2026-11-21T12:01:00.000Z")
    assert batch.counts == {RecordOutcome.FORGOTTEN: 1}


def test_fixes_from_before_the_erasure_are_dropped_from_a_push() -> None:
    rows = rows_of("phone-1")
    erase(rows)
    latitude, longitude = east_of_home(500)
    late = push(fix(20), fix(60), fix(61, latitude=latitude, longitude=longitude), fix(40))
    batch = FakeBatch([keyed(late, timestamp=NOON_MS + 2 * MINUTE_MS)], rows)
    ingest_positions(batch, CONTEXT)
    (left,) = PositionHistory(batch, b"phone-1").evidence(NOON_MS).points
    assert left.at_ms == NOON_MS + 61_000
    assert left.longitude == pytest.approx(longitude)
    assert batch.counts == {RecordOutcome.TAKEN: 1, FixFault.FORGOTTEN: 3}


def test_a_push_received_before_the_erasure_leaves_no_row() -> None:
    rows = rows_of("phone-1")
    erase(rows)
    batch = FakeBatch([keyed(push(fix(70)), timestamp=NOON_MS + MINUTE_MS)], rows)
    ingest_positions(batch, CONTEXT)
    assert batch.faults == {FixFault.FORGOTTEN: 1}
    assert list(rows) == [TOMBSTONES_KEY]


def test_an_erasure_does_not_affect_other_devices() -> None:
    rows = rows_of("phone-1", "phone-2")
    erase(rows)
    batch = FakeBatch([keyed(payment(9, device_id="phone-2"), "phone-2")], rows)
    score(batch, CONTEXT)
    assert batch.counts[RecordOutcome.ANSWERED] == 1


def test_a_tombstone_is_recognised_under_a_newer_key() -> None:
    rows = rows_of("phone-1")
    erase(rows)
    batch = FakeBatch([keyed(payment(1))], rows)
    score(batch, ROTATED)
    assert batch.counts == {RecordOutcome.FORGOTTEN: 1}


def test_the_tombstones_do_not_contain_the_device_id_or_its_token() -> None:
    rows = rows_of("phone-1")
    erase(rows)
    token = CONTEXT.masker.token("device", "phone-1")
    assert not any(name in rows[TOMBSTONES_KEY] for name in (b"phone-1", token.encode()))


def test_a_late_older_request_does_not_move_the_erasure_back() -> None:
    batch = FakeBatch()
    for at_ms in (NOON_MS + 5, NOON_MS):
        ErasureTombstones(batch, CONTEXT.masker).add(b"phone-1", at_ms)
    assert ErasureTombstones(batch, CONTEXT.masker).erased_until_ms(b"phone-1") == NOON_MS + 5


def test_tombstones_expire() -> None:
    rows: dict[bytes, bytes] = {}
    erase(rows, request("phone-1", NOON_MS), request("phone-2", NOON_MS + 1))
    batch = FakeBatch(rows=rows)
    expire(batch, TOMBSTONES_KEY, NOON_MS + STATE_LIMITS.tombstones_kept_ms - 1, CONTEXT)
    assert ErasureTombstones(batch, CONTEXT.masker).erased_until_ms(b"phone-1") == NOON_MS
    expire(batch, TOMBSTONES_KEY, NOON_MS + STATE_LIMITS.tombstones_kept_ms, CONTEXT)
    left = ErasureTombstones(batch, CONTEXT.masker)
    assert [left.erased_until_ms(device) for device in (b"phone-1", b"phone-2")] == [0, NOON_MS + 1]
    expire(batch, TOMBSTONES_KEY, NOON_MS + STATE_LIMITS.tombstones_kept_ms + 1, CONTEXT)
    assert rows == {}
