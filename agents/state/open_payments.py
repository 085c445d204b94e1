"""Open payments: the payments of one device that may still change, and closed ones that others are compared with.

All payments of a device share one short cell, which every push reads. The last published answer of an open payment has
a cell of its own, which is read only before a revision. A closed payment stays for as long as another payment can be
compared with it.
"""

from collections.abc import Collection, Iterator
from math import ceil
from typing import Final

import msgspec

from agents.batch import Batch
from agents.rules.decision.assessment import ComparedPayment, presence_of
from agents.rules.decision.card_velocity import Presence
from agents.rules.decision.decide import Finding
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.decision.risk import RiskFactors, risk_factors
from agents.rules.parameters import RiskWeights
from agents.rules.state_limits import STATE_LIMITS
from agents.state.position_history import KEY_SEPARATOR
from schemas.verdict import MaskedPayment

LAYOUT_VERSION: Final = 1

NEVER_MS: Final = 2**62
"""Time of the next evaluation of a device without open payments."""

_COMPARED_US: Final = 1000 * STATE_LIMITS.silent_phone_grace_ms
_FOLLOW_UP_MS: Final = 1000 * STATE_LIMITS.follow_up_s
_RESUMED_AFTER_MS: Final = 1000 * STATE_LIMITS.resumed_after_s

_PAYMENTS: Final = KEY_SEPARATOR + b"book"
_ANSWER: Final = KEY_SEPARATOR + b"case-"


class TrackedPayment(msgspec.Struct, array_like=True):
    """One payment as it counts for others, with its re-evaluation schedule.

    Fields ending in `_ms` are epoch milliseconds.

    Attributes:
        card: short hashes of the card's tokens under all keys that were recognised when the payment was read.
        received_ms: timestamp of its record.
        factors: points of its risk from the phone's finding alone.
        evaluated_ms: time of the newest fix at its last evaluation.
        next_evaluation_ms: a fix from this time on is evaluated.
        complete_at_ms: a fix from this time on closes it. None: the phone has not reported again yet.
        related_digest: hash of its related payments at its last evaluation.
        rejected_points: most points around it that the outlier filter has removed so far.
    """

    id: bytes
    card: bytes
    at_us: int
    latitude: float
    longitude: float
    uncertainty_m: float | None
    received_ms: int
    factors: RiskFactors
    presence: Presence = Presence.OPEN
    evaluated_ms: int = 0
    next_evaluation_ms: int = 0
    complete_at_ms: int | None = None
    related_digest: bytes = b""
    open: bool = True
    rejected_points: int = 0

    @property
    def location(self) -> PaymentLocation:
        return PaymentLocation(self.latitude, self.longitude, self.uncertainty_m, self.at_us)

    @property
    def compared(self) -> ComparedPayment:
        return ComparedPayment(self.id, self.card, self.location, self.presence, self.factors)

    def record_finding(self, finding: Finding, weights: RiskWeights) -> None:
        """Store the parts of a finding that count for other payments."""
        self.presence, self.factors = presence_of(finding), risk_factors(finding, self.factors.amount, weights)

    def schedule(self, finding: Finding, newest_ms: int) -> None:
        """Set the time of the next evaluation. `newest_ms`: time of the newest fix.

        Without a known position the next fix counts. Otherwise the next time of the schedule after the newest fix
        counts, and at last the fix that completes the evidence.
        """
        self.evaluated_ms, self.complete_at_ms = newest_ms, finding.complete_at_ms
        if finding.before is None and finding.after is None:
            self.next_evaluation_ms = newest_ms + 1
            return
        at_ms = ceil(self.at_us / 1000)
        after_s = STATE_LIMITS.reevaluate_present_after_s if finding.present else STATE_LIMITS.reevaluate_after_s
        complete_ms = finding.complete_at_ms or at_ms + _RESUMED_AFTER_MS
        due_ms = (at_ms + 1000 * seconds for seconds in after_s)
        self.next_evaluation_ms = next((moment for moment in due_ms if moment > newest_ms), complete_ms)

    def is_due(self, fixes_ms: Collection[int], pushed_ms: int) -> bool:
        """Return whether fixes of these times, at least one, may change the answer now. Other changes can be deferred.

        A late fix near the payment counts as well: one that is older than the newest fix of the last evaluation.
        `pushed_ms`: timestamp of the last push's record. While it is older than the payment's, the topic of pushes
        is behind, and the next push carries more.
        """
        at_ms, newest_ms = self.at_us / 1000, max(fixes_ms)
        if newest_ms >= self.next_evaluation_ms and (newest_ms >= at_ms or pushed_ms >= self.received_ms):
            return True
        return any(moment <= self.evaluated_ms and abs(moment - at_ms) <= _FOLLOW_UP_MS for moment in fixes_ms)

    def is_complete(self, newest_ms: int) -> bool:
        """Return whether no fix can change the answer any more."""
        return self.complete_at_ms is not None and newest_ms >= self.complete_at_ms


class PublishedAnswer(msgspec.Struct, array_like=True):
    """The last published revision of an open payment.

    Attributes:
        payment: the payment as it was masked when it was read. A newer key would make a revision another document.
        outcome_digest: hash of outcome, status and codes.
        verdict_digest: hash of the whole verdict.
        was_suspect: some revision was suspect.
        final: some revision was final, so all further ones are.
    """

    payment: MaskedPayment
    revision: int = 0
    outcome_digest: bytes = b""
    verdict_digest: bytes = b""
    was_suspect: bool = False
    final: bool = False


class _Cell(msgspec.Struct, array_like=True):
    """The cell with all payments, which stay encoded until needed, because most pushes fall between two evaluations.

    `next_evaluation_ms`: earliest next evaluation of an open payment. `evaluated_ms`: latest evaluation of one.
    """

    version: int = LAYOUT_VERSION
    next_evaluation_ms: int = 0
    evaluated_ms: int = 0
    payments: msgspec.Raw = msgspec.Raw()


_decode_cell = msgspec.msgpack.Decoder(_Cell).decode
_decode_payments = msgspec.msgpack.Decoder(list[TrackedPayment]).decode
_decode_answer = msgspec.msgpack.Decoder(PublishedAnswer).decode
_encode = msgspec.msgpack.Encoder().encode


class OpenPayments:
    """The payments of one device while a batch works on them."""

    def __init__(self, batch: Batch, key: bytes) -> None:
        self._batch = batch
        self._key = key
        cell = batch.get(key + _PAYMENTS)
        self._cell = None if cell is None else _decode_cell(cell)
        self._decoded: list[TrackedPayment] | None = None if self._cell else []
        self._new: dict[bytes, PublishedAnswer] = {}

    @property
    def payments(self) -> list[TrackedPayment]:
        """The open payments and the closed ones that others are compared with."""
        if self._decoded is None:
            self._decoded = _decode_payments(self._cell.payments) if self._cell else []
        return self._decoded

    @property
    def open(self) -> Iterator[TrackedPayment]:
        """The payments whose answer may still change."""
        return (payment for payment in self.payments if payment.open)

    @property
    def open_ms(self) -> list[float]:
        """The times of the open payments."""
        return [payment.at_us / 1000 for payment in self.open]

    @property
    def keys(self) -> list[bytes]:
        """The keys of all cells, whether or not each exists."""
        return [self._key + _PAYMENTS, *map(self._answer_key, self.payments)]

    def add(self, payment: TrackedPayment, masked: MaskedPayment) -> None:
        """Add a new payment."""
        self.payments.append(payment)
        self._new[payment.id] = PublishedAnswer(masked)

    def due(self, fixes_ms: Collection[int], pushed_ms: int) -> list[TrackedPayment]:
        """Return the open payments that fixes of these times may change. Arguments: see `TrackedPayment.is_due`."""
        cell = self._cell
        if cell is None or (max(fixes_ms) < cell.next_evaluation_ms and min(fixes_ms) > cell.evaluated_ms):
            return []
        return [payment for payment in self.open if payment.is_due(fixes_ms, pushed_ms)]

    def silent_since(self, now_ms: int) -> list[TrackedPayment]:
        """Return the open payments whose grace for a silent phone is over. `now_ms`: event time."""
        grace_ms = STATE_LIMITS.silent_phone_grace_ms
        return [payment for payment in self.open if payment.received_ms + grace_ms <= now_ms]

    @property
    def new(self) -> list[TrackedPayment]:
        """The payments that this batch added."""
        return [payment for payment in self.payments if payment.id in self._new] if self._new else []

    @property
    def overflow(self) -> list[TrackedPayment]:
        """The oldest open payments beyond the maximum per device."""
        in_order = sorted(self.open, key=lambda payment: (payment.at_us, payment.id))
        return in_order[: max(0, len(in_order) - STATE_LIMITS.payments_max)]

    def answer(self, payment: TrackedPayment) -> PublishedAnswer:
        """Return the last published answer of an open payment.

        Raises:
            LookupError: the answer's cell is missing, so other software wrote the table.
        """
        added = self._new.get(payment.id)
        if added is not None:
            return added
        cell = self._batch.get(self._answer_key(payment))
        if cell is None:
            raise LookupError("an open payment has no published answer: find out which other program writes the table")
        return _decode_answer(cell)

    def write_answer(self, payment: TrackedPayment, answer: PublishedAnswer) -> None:
        """Write the published answer, or delete it if its payment is closed."""
        self._batch.put(self._answer_key(payment), _encode(answer) if payment.open else None)

    def save(self) -> None:
        """Write the payments, without closed ones that no payment can be compared with any more."""
        newest_us = max((payment.at_us for payment in self.payments), default=0)
        kept = [payment for payment in self.payments if payment.open or payment.at_us >= newest_us - _COMPARED_US]
        closed = sorted((payment for payment in kept if not payment.open), key=lambda one: (one.at_us, one.id))
        dropped = {payment.id for payment in closed[: max(0, len(kept) - STATE_LIMITS.payments_max)]}
        self._put([payment for payment in kept if payment.id not in dropped])

    def delete_before(self, before_ms: int) -> None:
        """Delete the payments if all are closed and the last one was received before `before_ms`."""
        if self.payments and all(not one.open and one.received_ms < before_ms for one in self.payments):
            self._put([])

    def _put(self, payments: list[TrackedPayment]) -> None:
        self._decoded = payments
        next_evaluation_ms = min((one.next_evaluation_ms for one in payments if one.open), default=NEVER_MS)
        evaluated_ms = max((one.evaluated_ms for one in payments if one.open), default=0)
        cell = _Cell(
            next_evaluation_ms=next_evaluation_ms, evaluated_ms=evaluated_ms, payments=msgspec.Raw(_encode(payments))
        )
        self._batch.put(self._key + _PAYMENTS, _encode(cell) if payments else None)

    def _answer_key(self, payment: TrackedPayment) -> bytes:
        return self._key + _ANSWER + payment.id.hex().encode()


def is_payments_cell(key: bytes) -> bool:
    """Return whether the row is the cell with the payments of a device."""
    return key.endswith(_PAYMENTS)
