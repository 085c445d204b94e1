"""Answer: what all tests together say of each payment of a device. A function of the set, whatever its order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from agents.rules.decision.card_velocity import CardUse, Conflict, Presence, conflicts
from agents.rules.decision.decide import Finding
from agents.rules.decision.episode import Episode, Suspect, episodes
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.decision.risk import Risk, RiskFactors, risk
from agents.rules.parameters import RuleParameters
from agents.rules.publish.short_hash import canonical_id
from schemas.codes.reason import ReasonCode
from schemas.verdict import Outcome


class ComparedPayment(NamedTuple):
    """One payment with a place, as it counts for the other payments of its device.

    `id` is the digest of the document id, `card` those of the card's tokens. `weight` is that of the phone's finding.
    """

    id: bytes
    card: bytes
    spot: PaymentLocation
    standing: Presence
    weight: RiskFactors


@dataclass(frozen=True, slots=True)
class RelatedPayments:
    """What the other payments of the device say of one: nothing of most."""

    conflict: Conflict | None = None
    episode: Episode | None = None


UNRELATED: Final = RelatedPayments()


@dataclass(frozen=True, slots=True)
class Assessment:
    """The phone's finding and the context, and what both together come to. `weight`: the finding's."""

    finding: Finding
    context: RelatedPayments
    weight: RiskFactors

    @property
    def risk(self) -> Risk | None:
        """None: it is no suspect."""
        if self.context.episode is None:
            return None
        return risk(_with(self.weight, self.context.conflict), self.context.episode.number)

    @property
    def outcome(self) -> Outcome:
        return self.finding.outcome if self.context.conflict is None else Outcome.SUSPECT

    @property
    def codes(self) -> tuple[ReasonCode, ...]:
        """The phone's own codes stay: they tell what it had to say."""
        if self.context.conflict is None:
            return self.finding.codes
        return (ReasonCode.CARD_VELOCITY, *self.finding.codes)


NO_PLACE: Final = Assessment(
    Finding(Outcome.NOT_EVALUABLE, (ReasonCode.NO_PLACE,), settled=True), UNRELATED, RiskFactors(0, 0, 0)
)
"""The answer for a payment that does not say where it was made."""


def relate(entries: Iterable[ComparedPayment], preset: RuleParameters) -> Mapping[bytes, RelatedPayments]:
    """By id, for all the payments of one device that there are."""
    entries = list(entries)
    beyond_doubt = all(entry.standing is Presence.PRESENT for entry in entries)
    if beyond_doubt or (len(entries) == 1 and entries[0].standing is Presence.OPEN):
        return {entry.id: UNRELATED for entry in entries}  # as nearly always
    card_of = canonical_id({entry.card for entry in entries})
    against = conflicts(
        [CardUse(entry.id, card_of[entry.card], entry.spot, entry.standing) for entry in entries], preset
    )
    suspects = [
        Suspect(entry.id, entry.spot.at_us, _with(entry.weight, against.get(entry.id)))
        for entry in entries
        if entry.standing is Presence.ABSENT or entry.id in against
    ]
    grouped = episodes(suspects)
    return {entry.id: RelatedPayments(against.get(entry.id), grouped.get(entry.id)) for entry in entries}


def presence_of(finding: Finding) -> Presence:
    if finding.outcome is Outcome.SUSPECT:
        return Presence.ABSENT
    return Presence.PRESENT if finding.present else Presence.OPEN


def _with(weight: RiskFactors, conflict: Conflict | None) -> RiskFactors:
    return weight if conflict is None else weight.joined_by(conflict)
