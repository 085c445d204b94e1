"""Judge: the one composition of a judgement, for live payments and for files.

The steps are: find evidence and decide, relate the payments of the device to each other, combine both.
"""

from collections.abc import Callable, Collection, Iterator
from hashlib import blake2b

import msgspec

from agents.rules.decision.assessment import UNRELATED, Assessment, RelatedPayments, relate
from agents.rules.decision.decide import Finding, decide
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.decision.risk import RiskFactors, amount_score
from agents.rules.evidence.selection import Track
from agents.rules.parameters import RuleParameters
from agents.rules.publish.mask import Aliases
from agents.rules.publish.short_hash import DIGEST_BYTES, short_hash, short_hashes
from agents.state.open_payments import TrackedPayment
from schemas.payment import Payment
from schemas.verdict import MaskedPayment, Verdict

FIRST_REVISION = 1


def location_of(payment: Payment) -> PaymentLocation | None:
    """Return the location of a payment, or None if it states none. Null island is no location, as for fixes."""
    if payment.latitude is None or payment.longitude is None or payment.latitude == payment.longitude == 0:
        return None
    return PaymentLocation(payment.latitude, payment.longitude, payment.location_accuracy_m, payment.at_us)


def track_payment(
    masked: MaskedPayment,
    aliases: Aliases,
    location: PaymentLocation,
    received_ms: int,
    parameters: RuleParameters,
) -> TrackedPayment:
    """Return a payment as the judge and the state hold it. `received_ms`: timestamp of its record.

    The card is known by its tokens under all recognised keys, so that payments match across a key rotation.
    """
    return TrackedPayment(
        id=short_hash(masked.id),
        card=short_hashes((masked.card_token, *aliases.cards)),
        at_us=location.at_us,
        latitude=location.latitude,
        longitude=location.longitude,
        uncertainty_m=location.uncertainty_m,
        received_ms=received_ms,
        factors=RiskFactors(0, 0, amount_score(masked.amount, parameters.risk_weights)),
    )


def judge(
    payments: Collection[TrackedPayment],
    due: Collection[TrackedPayment],
    evaluate: Callable[[TrackedPayment], Finding],
    parameters: RuleParameters,
) -> Iterator[tuple[TrackedPayment, Assessment]]:
    """Yield the assessment of each open payment that is due, and of each that a due payment affects.

    `payments`: all payments of one device, open and closed. `due`: those with new evidence. `evaluate`: returns the
    finding of a payment and records it there, as `evaluate_payment` does.
    """
    findings = {payment.id: evaluate(payment) for payment in due}
    related_to = relate((payment.compared for payment in payments), parameters)
    for payment in [payment for payment in payments if payment.open]:
        related = related_to[payment.id]
        digest = b"" if related == UNRELATED else digest_of(related)
        if payment.id in findings or payment.related_digest != digest:
            payment.related_digest = digest
            finding = findings.get(payment.id) or evaluate(payment)
            yield payment, Assessment(finding, related, payment.factors)


def evaluate_payment(payment: TrackedPayment, track: Track, parameters: RuleParameters) -> Finding:
    """Return the finding of a payment from its phone's track, and record it in the payment."""
    finding = decide(payment.location, track, parameters)
    payment.record_finding(finding, parameters.risk_weights)
    return finding


def digest_of(value: RelatedPayments | Verdict | tuple[object, ...]) -> bytes:
    """Return a hash of the encoded value, by which rows recognise a change. Encoded names are part of it."""
    return blake2b(msgspec.msgpack.encode(value), digest_size=DIGEST_BYTES).digest()
