"""Key rotation: a payment under two keys is one payment, and so is its card."""

from dataclasses import replace
from typing import Any

from agents.context import AgentContext
from agents.ingest_positions import ingest_positions
from agents.rules.publish.mask import Key, Masker
from agents.score import score
from schemas.codes.reason import ReasonCode
from schemas.codes.record_outcome import RecordOutcome
from tests.support.batch import CONTEXT, FakeBatch, keyed, verdicts
from tests.support.make import fix, payment, push
from tests.support.phone import east_of_home

OLD, NEW = CONTEXT.masker.key, Key("k2", b"another key for tests, and for nothing else.")
ROTATED = replace(CONTEXT, masker=Masker.of([NEW, OLD]))
OLD_GONE = replace(CONTEXT, masker=Masker(NEW))


def pay(rows: dict[bytes, bytes], context: AgentContext, *payments: dict[str, Any]) -> FakeBatch:
    batch = FakeBatch([keyed(one) for one in payments], rows)
    score(batch, context)
    return batch


def distant_payment(number: int, minutes: int) -> dict[str, Any]:
    latitude, longitude = east_of_home(900_000)
    at = f"2026-11-21T12:{minutes:02}:00.000Z"
    return payment(number, timestamp=at, latitude=latitude, longitude=longitude)


def test_new_payments_get_tokens_under_the_new_key() -> None:
    rows: dict[bytes, bytes] = {}
    (before,) = verdicts(pay(rows, CONTEXT, payment(1)))
    (after,) = verdicts(pay(rows, ROTATED, payment(2)))
    key_ids = [{token.split("_")[1] for token in (one.id, one.card_token, one.device_token)} for one in (before, after)]
    assert key_ids == [{"k1"}, {"k2"}]


def test_a_payment_repeated_after_the_rotation_is_not_a_new_payment() -> None:
    rows: dict[bytes, bytes] = {}
    pay(rows, CONTEXT, payment(1))
    again = pay(rows, ROTATED, payment(1))
    assert not again.sent
    assert again.counts == {RecordOutcome.REPEATED: 1}


def test_a_worker_that_still_writes_with_the_old_key_recognises_the_payment() -> None:
    rows: dict[bytes, bytes] = {}
    pay(rows, ROTATED, payment(1))
    assert not pay(rows, replace(CONTEXT, masker=Masker.of([OLD, NEW])), payment(1)).sent


def test_later_revisions_keep_the_id_and_the_tokens_of_the_first() -> None:
    rows: dict[bytes, bytes] = {}
    (first,) = verdicts(pay(rows, CONTEXT, payment(1)))
    reported = FakeBatch([keyed(push(fix(-1), fix(40)))], rows)
    ingest_positions(reported, ROTATED)
    (second,) = verdicts(reported)
    assert (second.id, second.card_token, second.device_token) == (first.id, first.card_token, first.device_token)
    assert (first.revision, second.revision) == (1, 2)


def test_card_velocity_compares_payments_across_a_rotation() -> None:
    rows: dict[bytes, bytes] = {}
    pay(rows, CONTEXT, payment(1))
    (later,) = verdicts(pay(rows, ROTATED, distant_payment(2, 10)))
    assert ReasonCode.CARD_VELOCITY in later.codes


def test_payments_read_during_the_overlap_match_after_the_old_key_is_removed() -> None:
    rows: dict[bytes, bytes] = {}
    pay(rows, ROTATED, payment(1))
    (later,) = verdicts(pay(rows, OLD_GONE, distant_payment(2, 10)))
    assert ReasonCode.CARD_VELOCITY in later.codes


def test_two_cards_remain_two_cards() -> None:
    rows: dict[bytes, bytes] = {}
    pay(rows, CONTEXT, payment(1))
    other = distant_payment(2, 10) | {"card_number": "4111111111111111"}
    (later,) = verdicts(pay(rows, ROTATED, other))
    assert ReasonCode.CARD_VELOCITY not in later.codes
