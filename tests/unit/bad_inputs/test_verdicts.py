"""docs/reference/bad-inputs.md in accepted payments: the verdict on each."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from agents.ingest_positions import ingest_positions
from agents.rules.geo import HALF_ROUND_EARTH_M, distance_m
from agents.score import score
from app.sinks.elasticsearch.mappings import VERDICT
from schemas.codes.fix_fault import FixFault
from schemas.codes.reason import ReasonCode
from schemas.verdict import Verdict
from tests.support.bad_inputs import CANARY, named, shows_canary
from tests.support.batch import CONTEXT, FakeBatch, FakeRecord, keyed, verdicts
from tests.support.make import NOON_MS, as_bytes, fix, payment, push
from tests.support.phone import east_of_home

REACHABLE, NO_FIX, NO_PLACE = ReasonCode.REACHABLE, ReasonCode.NO_FIX, ReasonCode.NO_PLACE
BEFORE = ReasonCode.UNREACHABLE_BEFORE
DOTTED, SPACED = "4929.5671.2345.6787", "4929 5671 2345 6787"
ESCAPES = '<script>\';DROP TABLE x;--\r\n\x1b[31m${jndi:ldap://x} {"query":{}}'


def fixes(*seconds: float, metres_east: float = 0.0, **changes: Any) -> list[dict[str, Any]]:
    """Return fixes at these seconds after noon, this far east of home."""
    latitude, longitude = east_of_home(metres_east)
    return [fix(second, **{"latitude": latitude, "longitude": longitude} | changes) for second in seconds]


@dataclass(frozen=True)
class Judged:
    """A payment at noon with fixes. `code`: first code of its verdict. `shown`: other values of the verdict."""

    line: int
    name: str
    code: ReasonCode
    fixes: list[dict[str, Any]] = field(default_factory=lambda: fixes(-2, -1))
    paid: dict[str, Any] = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)


def there(latitude: float | None, longitude: float | None) -> dict[str, Any]:
    return {"latitude": latitude, "longitude": longitude}


def moved(metres_east: float) -> dict[str, Any]:
    return there(*east_of_home(metres_east))


JUDGED = [
    Judged(3, "swapped, as nobody can tell", BEFORE, paid=there(-75.0, 40.0)),
    Judged(11, "a payment on null island", NO_PLACE, paid=there(0, 0.0)),
    Judged(11, "a payment on null island by negative zeros", NO_PLACE, paid=there(-0.0, -0.0)),
    Judged(11, "a phone on null island", NO_FIX, fixes(-2, -1, **there(0, 0))),
    Judged(12, "one pole, two longitudes", REACHABLE, fixes(-2, -1, **there(90, 12)), there(90.0, -170.0)),
    Judged(12, "the other pole", REACHABLE, fixes(-2, -1, **there(-90, 0)), there(-90.0, 180.0)),
    Judged(13, "across the antimeridian", REACHABLE, fixes(-2, -1, **there(0, 179.9999)), there(0.0, -179.9999)),
    Judged(13, "on the antimeridian", REACHABLE, fixes(-2, -1, **there(9, 180)), there(9.0, -180.0)),
    Judged(14, "antipodes", BEFORE, fixes(-2, -1, **there(40, 105)), there(-40.0, -75.0)),
    Judged(15, "negative zero", REACHABLE, fixes(-2, -1, **there(0.0, 9)), there(-0.0, 9.0)),
    Judged(16, "17 digits", REACHABLE, fixes(-1, **there(40.12345678901234567, 9)), there(40.123456789012345, 9.0)),
    Judged(20, "a cell tower 30 km away", ReasonCode.LOW_ACCURACY, fixes(-1, horizontal_accuracy_m=5e4), moved(3e4)),
    Judged(23, "made up", ReasonCode.PHONE_UNTRUSTED, fixes(-2, -1, mock=True), moved(3e4)),
    Judged(29, "a payment an hour ahead", REACHABLE, paid={"timestamp": NOON_MS / 1000 + 3600}),
    Judged(29, "a fix an hour ahead is no evidence", NO_FIX, fixes(3600)),
    Judged(31, "Z", REACHABLE, paid={"timestamp": "2026-11-21T12:00:00Z"}),
    Judged(31, "+05:30", REACHABLE, paid={"timestamp": "2026-11-21T17:30:00+05:30"}),
    Judged(
        34,
        "a leap second is the end of the second before",
        NO_FIX,
        paid={"timestamp": "2026-12-31T23:59:60Z"},
        shown={"timestamp": "2026-12-31T23:59:59.999999Z"},
    ),
    Judged(36, "fixes backwards", REACHABLE, fixes(-1, -5, -3, -60)),
    Judged(38, "twice the same instant, 500 km apart", BEFORE, fixes(-1) + fixes(-1, metres_east=5e5), moved(2.5e5)),
    Judged(38, "fix and payment the same instant", BEFORE, fixes(0), moved(5e5), {"implied_speed_mps": None}),
    Judged(39, "a millisecond and some metres of jitter", REACHABLE, fixes(-0.002) + fixes(-0.001, metres_east=12)),
    Judged(70, "no such field, inside another one", REACHABLE, paid={"terminal": {"cvv": CANARY}}),
    Judged(72, "amount 0", REACHABLE, paid={"amount": 0}, shown={"amount": "0.00"}),
    Judged(72, "amount 0.1 + 0.2", REACHABLE, paid={"amount": 0.1 + 0.2}, shown={"amount": "0.30"}),
    Judged(72, "no currency", REACHABLE, paid={"currency": ...}, shown={"currency": None}),
    Judged(73, "no phone", NO_FIX, []),
    Judged(73, "no place", NO_PLACE, paid=there(None, None)),
    Judged(
        67, "a card in a text", REACHABLE, paid={"merchant": f"to {CANARY}"}, shown={"merchant": "to [card number]"}
    ),
    Judged(67, "a card as transaction id", REACHABLE, paid={"transaction_id": CANARY}),
    Judged(67, "a card as user id and as key", REACHABLE, paid={"user_id": CANARY, CANARY: CANARY}),
    Judged(68, "a card with spaces in a text", REACHABLE, paid={"merchant": SPACED}),
    Judged(68, "a card with dots in a text", REACHABLE, paid={"merchant_category": DOTTED}),
    Judged(68, "full-width digits in a text", REACHABLE, paid={"merchant_id": "４９２９５６７１２３４５６７８７"}),
    Judged(68, "Arabic digits in a text", REACHABLE, paid={"transaction_type": "٤٩٢٩٥٦٧١٢٣٤٥٦٧٨٧"}),
    Judged(68, "a number in a field that is dropped", REACHABLE, paid={"pan": float(CANARY)}),
    Judged(69, "failing its check digit", REACHABLE, shown={"card_last4": "6787"}),
    Judged(69, "with spaces", REACHABLE, paid={"card_number": SPACED}, shown={"card_last4": "6787"}),
    Judged(69, "12 digits", REACHABLE, paid={"card_number": "4929-5671-2345"}, shown={"card_last4": "2345"}),
    Judged(69, "19 digits", REACHABLE, paid={"card_number": f"{CANARY}123"}, shown={"card_last4": "7123"}),
    Judged(71, "an order number that passes", REACHABLE, paid={"merchant": "4111111111111111"}),
    Judged(75, "what others would carry out", REACHABLE, paid={"merchant": ESCAPES}, shown={"merchant": ESCAPES}),
    Judged(76, "10,000 unknown keys", REACHABLE, paid={f"k{number}": CANARY for number in range(10_000)}),
    Judged(63, "keys of other languages", REACHABLE, paid={"$where": "1", "a.b": 1, "__proto__": {}, "\0": CANARY}),
]


def judge(row: Judged) -> tuple[FakeBatch, Verdict]:
    known = {"card_number": CANARY, "user_id": CANARY, "name": CANARY, "note": CANARY}
    positions = FakeBatch([keyed(push(*row.fixes))] if row.fixes else [])
    ingest_positions(positions, CONTEXT)
    batch = FakeBatch([keyed(payment(**known | row.paid))], rows=positions.rows)
    score(batch, CONTEXT)
    (answer,) = verdicts(batch)
    return batch, answer


@pytest.mark.parametrize("row", JUDGED, ids=named)
def test_an_unusual_payment_gets_one_verdict(row: Judged, caplog: pytest.LogCaptureFixture) -> None:
    batch, answer = judge(row)
    assert answer.codes[0] is row.code
    assert {name: getattr(answer, name) for name in row.shown} == row.shown
    assert not batch.sent["dead_letters"]
    left = [*batch.rows.values(), *(value for values in batch.sent.values() for _, value in values)]
    assert [value for value in left if shows_canary(value)] == []
    assert not caplog.records


def test_12_a_pole_is_equally_far_from_every_longitude() -> None:
    assert len({distance_m(90, longitude, 40, -75) for longitude in (-180.0, 0.0, 33.3, 180.0)}) == 1


def test_14_antipodes_are_half_round_the_earth_apart() -> None:
    assert distance_m(40, -75, -40, 105) == pytest.approx(HALF_ROUND_EARTH_M, rel=1e-6)


def test_15_zeros_of_both_signs_are_one_place() -> None:
    first, second = (judge(Judged(15, "", REACHABLE, paid=there(zero, 9.0)))[1] for zero in (0.0, -0.0))
    assert first == second


def test_36_the_order_of_fixes_changes_no_verdict() -> None:
    late = FakeBatch([keyed(push(fix(-60))), keyed(push(fix(-1))), keyed(push(fix(-30)))])
    sorted_ = FakeBatch([keyed(push(fix(-60), fix(-30), fix(-1)))])
    for batch in (late, sorted_):
        ingest_positions(batch, CONTEXT)
        batch.records = [keyed(payment())]
        score(batch, CONTEXT)
    assert verdicts(late) == verdicts(sorted_)


def test_37_a_fix_after_the_grace_period_is_counted_and_changes_no_verdict() -> None:
    batch = FakeBatch([keyed(push(fix(-1)))])
    ingest_positions(batch, CONTEXT)
    batch.records = [keyed(payment())]
    score(batch, CONTEXT)
    batch = FakeBatch([keyed(push(fix(10_000)), timestamp=NOON_MS + 10_000_000)], rows=batch.rows)
    ingest_positions(batch, CONTEXT)  # closes the payment
    late = FakeBatch([keyed(push(*fixes(-5, metres_east=4e5)), timestamp=NOON_MS + 10_001_000)], rows=batch.rows)
    ingest_positions(late, CONTEXT)
    assert (late.faults[FixFault.TOO_LATE], late.sent) == (1, {})


def test_43_a_payment_is_compared_with_its_own_device_only() -> None:
    batch = FakeBatch([keyed(push(fix(-1), device_id="A"), key="A")])
    ingest_positions(batch, CONTEXT)
    batch.records = [keyed(payment(1, device_id="A"), key="A"), keyed(payment(2, device_id="a"), key="a")]
    score(batch, CONTEXT)
    assert [one.codes for one in verdicts(batch)] == [(REACHABLE,), (NO_FIX,)]


def test_66_a_record_of_999_999_bytes_is_evaluated() -> None:
    batch = FakeBatch([FakeRecord(b"phone-1", as_bytes(payment()).ljust(999_999))])
    score(batch, CONTEXT)
    assert len(verdicts(batch)) == 1


def test_74_one_transaction_id_of_two_devices_is_two_payments() -> None:
    batch = FakeBatch([keyed(payment(device_id=name), key=name) for name in ("A", "B", "A")])
    score(batch, CONTEXT)
    assert [one.device_token for one in verdicts(batch)] == [CONTEXT.masker.token("device", name) for name in "AB"]


def test_75_a_verdict_record_stays_one_line() -> None:
    batch, _ = judge(Judged(75, "", REACHABLE, paid={"merchant": ESCAPES}))
    (value,) = batch.values("verdicts")
    assert b"\n" not in value
    assert b"\x1b" not in value


def test_76_a_store_rejects_unknown_fields() -> None:
    def strict(mapping: dict[str, Any]) -> bool:
        inner = mapping.get("properties", {}).values()
        return (not inner or mapping.get("dynamic", "strict") == "strict") and all(map(strict, inner))

    assert VERDICT["dynamic"] == "strict"
    assert strict(json.loads(json.dumps(VERDICT)))
