"""Score: payments in, first verdicts and dead letters out."""

import json

from agents.ingest_positions import ingest_positions
from agents.score import score
from schemas.codes.fix_fault import FixFault
from schemas.dead_letter import decode_dead_letter
from schemas.verdict import Outcome, Status
from tests.support.batch import CONTEXT, FakeBatch, FakeRecord, keyed, verdicts
from tests.support.make import CARD, fix, payment, push
from tests.support.phone import east_of_home


def batch_with_fixes(*seconds: float) -> FakeBatch:
    """Return a batch whose rows hold fixes at home, at these seconds after noon."""
    batch = FakeBatch([keyed(push(*[fix(second) for second in seconds]))])
    ingest_positions(batch, CONTEXT)
    return FakeBatch(rows=batch.rows)


def test_a_rejected_point_counts_once_per_payment_near_it() -> None:
    latitude, longitude = east_of_home(40_000)
    wrong = fix(-5, latitude=latitude, longitude=longitude)
    batch = FakeBatch([keyed(push(*[fix(second) for second in range(-60, -5)], wrong, fix(-4), fix(-3)))])
    ingest_positions(batch, CONTEXT)
    batch = FakeBatch([keyed(payment(1)), keyed(payment(2))], rows=batch.rows)
    score(batch, CONTEXT)
    later = FakeBatch([keyed(push(*[fix(second) for second in range(40)]))], rows=batch.rows)
    ingest_positions(later, CONTEXT)
    assert (batch.faults, later.faults) == ({FixFault.OUTLIER: 2}, {})


def test_a_dead_letter_names_offset_and_code_but_no_content() -> None:
    batch = FakeBatch([FakeRecord(b"phone-1", f'{{"card_number":"{CARD}"'.encode(), partition=3, offset=7)])
    score(batch, CONTEXT)
    ((key, value),) = batch.sent["dead_letters"]
    letter = decode_dead_letter(value)
    assert key is None
    assert (letter.topic, letter.partition, letter.offset, letter.code) == ("transactions", 3, 7, "not-json")
    assert letter.payload_bytes == 33
    assert CARD not in value.decode()


def test_a_payment_beside_its_phone_is_clear() -> None:
    batch = batch_with_fixes(-2, -1)
    batch.records = [keyed(payment())]
    score(batch, CONTEXT)
    (answer,) = verdicts(batch)
    assert (answer.verdict, answer.codes, answer.status, answer.revision) == (
        Outcome.CLEAR,
        ("REACHABLE",),
        Status.PROVISIONAL,
        1,
    )
    assert not batch.sent["potential_fraud_transactions"]


def test_a_suspect_goes_to_both_topics_with_the_same_bytes() -> None:
    latitude, longitude = east_of_home(30_000)
    batch = batch_with_fixes(-2, -1)
    batch.records = [keyed(payment(latitude=latitude, longitude=longitude))]
    score(batch, CONTEXT)
    assert batch.sent["verdicts"] == batch.sent["potential_fraud_transactions"]
    (answer,) = verdicts(batch, "potential_fraud_transactions")
    assert answer.verdict is Outcome.SUSPECT
    assert answer.fix_before is not None
    assert answer.reason == (
        "The phone was 30.0 km from the place 1 s before the payment; "
        "the holder could have covered at most 1.2 km in that time, clock error included."
    )


def test_a_verdict_is_final_when_the_phone_has_reported_after_the_payment() -> None:
    batch = batch_with_fixes(-1, 31)
    batch.records = [keyed(payment())]
    score(batch, CONTEXT)
    assert verdicts(batch)[0].status is Status.FINAL


def test_a_payment_without_a_phone_gets_a_verdict_at_once() -> None:
    batch = FakeBatch([keyed(payment())])
    score(batch, CONTEXT)
    assert [(one.verdict, one.codes) for one in verdicts(batch)] == [(Outcome.NOT_EVALUABLE, ("NO_FIX",))]


def test_a_repeated_payment_gets_no_second_verdict() -> None:
    batch = FakeBatch([keyed(payment(1)), keyed(payment(2)), keyed(payment(1))])
    score(batch, CONTEXT)
    assert [one.transaction_id for one in verdicts(batch)] == ["tx-1", "tx-2"]
    again = FakeBatch([keyed(payment(2))], rows=batch.rows)
    score(again, CONTEXT)
    assert not again.sent


def test_a_verdict_has_the_device_id_as_its_key_and_not_in_its_value() -> None:
    batch = FakeBatch([keyed(payment(device_id="phone-secret"), key="phone-secret")])
    score(batch, CONTEXT)
    ((key, value),) = batch.sent["verdicts"]
    assert key == b"phone-secret"
    assert b"phone-secret" not in value


def test_no_row_and_no_output_contains_a_card_number() -> None:
    batch = FakeBatch(
        [keyed(payment(merchant=f"Shop {CARD}", transaction_id=CARD)), keyed(payment(card_number=CARD + "x"))]
    )
    score(batch, CONTEXT)
    left = [*batch.rows.values(), *(value for values in batch.sent.values() for _, value in values)]
    assert all(CARD.encode() not in value for value in left)


def test_positions_in_a_verdict_are_coarse() -> None:
    batch = FakeBatch([keyed(push(fix(-1, latitude=40.123456, longitude=-75.987654)))])
    ingest_positions(batch, CONTEXT)
    batch = FakeBatch([keyed(payment())], rows=batch.rows)
    score(batch, CONTEXT)
    evidence = json.loads(next(batch.values("verdicts")))["fix_before"]
    assert (evidence["latitude"], evidence["longitude"]) == (40.12, -75.99)
