"""Assessment: the finding of each payment combined with the other payments of its device."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from agents.rules.decision.card_velocity import CardUse, Conflict, Presence, conflicts
from agents.rules.decision.decide import Finding
from agents.rules.decision.episode import Episode, Suspect, episodes
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.decision.risk import Risk, RiskFactors, risk
from agents.rules.decision.signal import Accusation, Observation
from agents.rules.parameters import RiskWeights, RuleParameters
from agents.rules.publish.short_hash import canonical_id
from agents.rules.signals import accusations
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome


class ComparedPayment(NamedTuple):
    """One payment with a location, as it counts for the other payments of its device.

    `id`: short hash of the document id. `card`: short hashes of the card's tokens. `factors`: from the phone's finding.
    """

    id: bytes
    card: bytes
    location: PaymentLocation
    presence: Presence
    factors: RiskFactors


@dataclass(frozen=True, slots=True)
class RelatedPayments:
    """The conflict and the episode that the other payments of the device add to one. Most payments have neither."""

    conflict: Conflict | None = None
    episode: Episode | None = None


UNRELATED: Final = RelatedPayments()


@dataclass(frozen=True, slots=True)
class Assessment:
    """The finding of the phone and the related payments of one payment. `factors`: from the finding alone."""

    finding: Finding
    related: RelatedPayments
    factors: RiskFactors

    def risk(self, weights: RiskWeights) -> Risk | None:
        """Return the risk of a suspect, or None for a payment that is not suspect."""
        if self.related.episode is None:
            return None
        return risk(_with_conflict(self.factors, self.related.conflict, weights), self.related.episode.number, weights)

    @property
    def accusations(self) -> list[Accusation]:
        """The accusations of all signals."""
        return accusations(Observation(self.finding, self.related.conflict))

    @property
    def outcome(self) -> Outcome:
        return Outcome.SUSPECT if self.accusations else self.finding.outcome

    @property
    def codes(self) -> tuple[ReasonCode, ...]:
        """The codes of other signals, then all codes of the phone's finding, whether or not it accuses."""
        own = self.finding.codes
        others = [code for accusation in self.accusations for code in accusation.codes if code not in own]
        return (*others, *own)


NO_PLACE: Final = Assessment(
    Finding(Outcome.NOT_EVALUABLE, (ReasonCode.NO_PLACE,), settled=True), UNRELATED, RiskFactors(0, 0, 0)
)
"""Assessment of a payment without a location."""


def relate(payments: Iterable[ComparedPayment], parameters: RuleParameters) -> Mapping[bytes, RelatedPayments]:
    """Return the related payments by id. `payments` must hold all payments of one device."""
    payments = list(payments)
    beyond_doubt = all(payment.presence is Presence.PRESENT for payment in payments)
    if beyond_doubt or (len(payments) == 1 and payments[0].presence is Presence.OPEN):
        return {payment.id: UNRELATED for payment in payments}  # nearly always
    card_of = canonical_id({payment.card for payment in payments})
    against = conflicts(
        [CardUse(payment.id, card_of[payment.card], payment.location, payment.presence) for payment in payments],
        parameters,
    )
    suspects = [
        Suspect(
            payment.id,
            payment.location.at_us,
            _with_conflict(payment.factors, against.get(payment.id), parameters.risk_weights),
        )
        for payment in payments
        if payment.presence is Presence.ABSENT or payment.id in against
    ]
    grouped = episodes(suspects, parameters)
    return {payment.id: RelatedPayments(against.get(payment.id), grouped.get(payment.id)) for payment in payments}


def presence_of(finding: Finding) -> Presence:
    """Return the relation of the phone to the payment of the finding."""
    if accusations(Observation(finding)):
        return Presence.ABSENT
    return Presence.PRESENT if finding.present else Presence.OPEN


def _with_conflict(factors: RiskFactors, conflict: Conflict | None, weights: RiskWeights) -> RiskFactors:
    return factors if conflict is None else factors.add(accusations(Observation(conflict=conflict)), weights)
