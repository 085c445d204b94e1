"""Casebook: the payments of one device that are still open, and those closed ones that others are compared with.

A line for each payment in one cell, short, read with every push; what was published of an open one in a cell of its
own, read only when there is something new to say. A closed payment keeps its line for as long as another payment can
be compared with it.
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
from agents.rules.evidence.selection import EVIDENCE_S, FOLLOWED_S, HEARD_AFTER_S, LATENESS_S
from agents.state.position_history import KEY_SEPARATOR
from schemas.verdict import MaskedPayment

LAYOUT_VERSION: Final = 1
PAYMENTS_MAX: Final = 256
"""So many payments within half a day are more than a person makes: the oldest are closed, then given up."""

SILENT_PHONE_GRACE_MS: Final = 1000 * (EVIDENCE_S + LATENESS_S)
"""After that, by the clock of the records, no fix that would count can come any more: the grace of a silent phone."""

COMPARED_US: Final = 1000 * SILENT_PHONE_GRACE_MS

REEVALUATE_AFTER_S: Final = (-60, 0, 31, 2 * HEARD_AFTER_S, FOLLOWED_S)
"""A payment is looked at again with the first fix so long after it; 31 s are more than a till's clock is off. So is it
with one that comes late, older than the newest one of the last look, when it is near; and with any while nothing is
known of the phone.
"""

NEVER_MS: Final = 2**62

LOOKS_OF_PRESENT_S: Final = (31, FOLLOWED_S)
"""Where a fix shows the phone at the place, further ones hardly change that."""

_BOOK: Final = KEY_SEPARATOR + b"book"
_CASE: Final = KEY_SEPARATOR + b"case-"


class TrackedPayment(msgspec.Struct, array_like=True):
    """One payment, as it counts for others, and when it is to be looked at. Moments of fixes are epoch milliseconds.

    Attributes:
        card: the digests of the card's tokens, under every key that was recognised when the payment was read.
        taken_at_ms: the timestamp of its record.
        looked_ms: the newest fix when it was last looked at.
        look_at_ms: a fix from then on is looked at.
        complete_at_ms: a fix from then on closes it; None: the phone was not heard of yet.
        context: what other payments last said of it, as a digest.
        rejected_points: how many fixes around it were not believed, at most.
    """

    id: bytes
    card: bytes
    at_us: int
    latitude: float
    longitude: float
    uncertainty_m: float | None
    taken_at_ms: int
    weight: RiskFactors
    standing: Presence = Presence.OPEN
    evaluated_ms: int = 0
    next_evaluation_ms: int = 0
    complete_at_ms: int | None = None
    context: bytes = b""
    open: bool = True
    rejected_points: int = 0

    @property
    def spot(self) -> PaymentLocation:
        return PaymentLocation(self.latitude, self.longitude, self.uncertainty_m, self.at_us)

    @property
    def entry(self) -> ComparedPayment:
        return ComparedPayment(self.id, self.card, self.spot, self.standing, self.weight)

    def record_evaluation(self, finding: Finding, newest_ms: int) -> None:
        """Takes down what a look has found."""
        self.standing, self.weight = presence_of(finding), risk_factors(finding, self.weight.amount)
        self.evaluated_ms, self.complete_at_ms = newest_ms, finding.complete_at_ms
        if finding.before is None and finding.after is None:
            self.next_evaluation_ms = newest_ms + 1
            return
        at_ms = ceil(self.at_us / 1000)
        due = (at_ms + 1000 * after_s for after_s in (LOOKS_OF_PRESENT_S if finding.present else REEVALUATE_AFTER_S))
        complete_ms = finding.complete_at_ms or at_ms + 1000 * HEARD_AFTER_S
        self.next_evaluation_ms = next((moment for moment in due if moment > newest_ms), complete_ms)

    def is_due(self, heard_ms: Collection[int], heard_at_ms: int) -> bool:
        """Fixes of these moments, at least one, may change the answer now; what else they change can wait.

        `heard_at_ms`: the timestamp of the last push's record. As long as that is older than the payment's, its topic
        is behind, and what comes next says more.
        """
        at_ms, around_ms = self.at_us / 1000, 1000 * FOLLOWED_S
        newest_ms = max(heard_ms)
        if newest_ms >= self.next_evaluation_ms and (newest_ms >= at_ms or heard_at_ms >= self.taken_at_ms):
            return True
        return any(moment <= self.evaluated_ms and abs(moment - at_ms) <= around_ms for moment in heard_ms)

    def complete(self, newest_ms: int) -> bool:
        """No fix can change the answer any more."""
        return self.complete_at_ms is not None and newest_ms >= self.complete_at_ms


class PublishedAnswer(msgspec.Struct, array_like=True):
    """What was published of an open payment.

    `payment` is as it was masked when it was read: under a newer key a revision would be another document. `said` is a
    digest of the answer in short, `whole` of all of it; `accused`: some revision was suspect; `final`: some revision
    was final, so all further ones are.
    """

    payment: MaskedPayment
    revision: int = 0
    said: bytes = b""
    whole: bytes = b""
    accused: bool = False
    final: bool = False


class _Cell(msgspec.Struct, array_like=True):
    """`lines` stay packed until one of them is needed: most pushes come between two looks.

    `look_at_ms`: the earliest moment at which a line is to be looked at. `looked_ms`: up to which some were.
    """

    version: int = LAYOUT_VERSION
    look_at_ms: int = 0
    looked_ms: int = 0
    lines: msgspec.Raw = msgspec.Raw()


_decode_book = msgspec.msgpack.Decoder(_Cell).decode
_decode_lines = msgspec.msgpack.Decoder(list[TrackedPayment]).decode
_decode_case = msgspec.msgpack.Decoder(PublishedAnswer).decode
_encode = msgspec.msgpack.Encoder().encode


class OpenPayments:
    """One device's payments while a batch works on them."""

    def __init__(self, batch: Batch, key: bytes) -> None:
        self._batch = batch
        self._key = key
        cell = batch.get(key + _BOOK)
        self._book = None if cell is None else _decode_book(cell)
        self._unpacked: list[TrackedPayment] | None = None if self._book else []
        self._begun: dict[bytes, PublishedAnswer] = {}

    @property
    def lines(self) -> list[TrackedPayment]:
        """Those of open payments and of closed ones."""
        if self._unpacked is None:
            self._unpacked = _decode_lines(self._book.lines) if self._book else []
        return self._unpacked

    @property
    def open(self) -> Iterator[TrackedPayment]:
        """Those of payments whose answer may still change."""
        return (line for line in self.lines if line.open)

    @property
    def open_ms(self) -> list[float]:
        """The moments of the open payments."""
        return [line.at_us / 1000 for line in self.open]

    @property
    def cells(self) -> list[bytes]:
        """The keys of all its cells, whether or not each is there."""
        return [self._key + _BOOK, *map(self._case_key, self.lines)]

    def begin(self, line: TrackedPayment, payment: MaskedPayment) -> None:
        """A new payment."""
        self.lines.append(line)
        self._begun[line.id] = PublishedAnswer(payment)

    def due(self, heard_ms: Collection[int], heard_at_ms: int) -> list[TrackedPayment]:
        """The open payments that fixes of these moments may have something to say of. `heard_at_ms`: as `Line.due`."""
        book = self._book
        if book is None or (max(heard_ms) < book.look_at_ms and min(heard_ms) > book.looked_ms):
            return []
        return [line for line in self.open if line.is_due(heard_ms, heard_at_ms)]

    def due_by(self, now_ms: int) -> list[TrackedPayment]:
        """The open payments that have waited long enough. `now_ms`: by the clock of the records."""
        return [line for line in self.open if line.taken_at_ms + SILENT_PHONE_GRACE_MS <= now_ms]

    @property
    def begun(self) -> list[TrackedPayment]:
        """The payments that are new in this batch."""
        return [line for line in self.lines if line.id in self._begun] if self._begun else []

    @property
    def surplus(self) -> list[TrackedPayment]:
        """The oldest open payments, where there are more than a book holds."""
        in_order = sorted(self.open, key=lambda line: (line.at_us, line.id))
        return in_order[: max(0, len(in_order) - PAYMENTS_MAX)]

    def case(self, line: TrackedPayment) -> PublishedAnswer:
        """What was published of an open payment."""
        begun = self._begun.get(line.id)
        if begun is not None:
            return begun
        cell = self._batch.get(self._case_key(line))
        if cell is None:
            raise LookupError("an open payment without its case: the table was written by something else")
        return _decode_case(cell)

    def write(self, line: TrackedPayment, case: PublishedAnswer) -> None:
        """Puts a case into the batch, or, when its payment is closed, takes it out."""
        self._batch.put(self._case_key(line), _encode(case) if line.open else None)

    def save(self) -> None:
        """Puts the lines into the batch, without those that no payment can be compared with any more."""
        newest_us = max((line.at_us for line in self.lines), default=0)
        kept = [line for line in self.lines if line.open or line.at_us >= newest_us - COMPARED_US]
        closed = sorted((line for line in kept if not line.open), key=lambda line: (line.at_us, line.id))
        given_up = {line.id for line in closed[: max(0, len(kept) - PAYMENTS_MAX)]}
        self._put([line for line in kept if line.id not in given_up])

    def forget(self, before_ms: int) -> None:
        """Takes the lines out of the batch when the last payment came before."""
        if self.lines and all(not line.open and line.taken_at_ms < before_ms for line in self.lines):
            self._put([])

    def _put(self, lines: list[TrackedPayment]) -> None:
        self._unpacked = lines
        look_at_ms = min((line.next_evaluation_ms for line in lines if line.open), default=NEVER_MS)
        looked_ms = max((line.evaluated_ms for line in lines if line.open), default=0)
        book = _Cell(look_at_ms=look_at_ms, looked_ms=looked_ms, lines=msgspec.Raw(_encode(lines)))
        self._batch.put(self._key + _BOOK, _encode(book) if lines else None)

    def _case_key(self, line: TrackedPayment) -> bytes:
        return self._key + _CASE + line.id.hex().encode()


def is_payments_cell(key: bytes) -> bool:
    """The row of the table is the lines of a device."""
    return key.endswith(_BOOK)
