"""Answer: what all tests together say of each payment of a device. A function of the set, whatever its order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from agents.rules.card import Conflict, Standing, Use, conflicts
from agents.rules.decide import Finding
from agents.rules.digest import one_name
from agents.rules.episode import Episode, Suspect, episodes
from agents.rules.preset import Preset
from agents.rules.risk import Risk, Weight, risk
from agents.rules.spot import Spot
from schemas.reason import ReasonCode
from schemas.verdict import Outcome


class Entry(NamedTuple):
    """One payment with a place, as it counts for the other payments of its device.

    `id` is the digest of the document id, `card` those of the card's tokens. `weight` is that of the phone's finding.
    """

    id: bytes
    card: bytes
    spot: Spot
    standing: Standing
    weight: Weight


@dataclass(frozen=True, slots=True)
class Context:
    """What the other payments of the device say of one: nothing of most."""

    conflict: Conflict | None = None
    episode: Episode | None = None


NOTHING: Final = Context()


@dataclass(frozen=True, slots=True)
class Answer:
    """The phone's finding and the context, and what both together come to. `weight`: the finding's."""

    finding: Finding
    context: Context
    weight: Weight

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


NOWHERE: Final = Answer(Finding(Outcome.NOT_EVALUABLE, (ReasonCode.NO_PLACE,), settled=True), NOTHING, Weight(0, 0, 0))
"""The answer for a payment that does not say where it was made."""


def contexts(entries: Iterable[Entry], preset: Preset) -> Mapping[bytes, Context]:
    """By id, for all the payments of one device that there are."""
    entries = list(entries)
    beyond_doubt = all(entry.standing is Standing.PRESENT for entry in entries)
    if beyond_doubt or (len(entries) == 1 and entries[0].standing is Standing.OPEN):
        return {entry.id: NOTHING for entry in entries}  # as nearly always
    card_of = one_name({entry.card for entry in entries})
    against = conflicts([Use(entry.id, card_of[entry.card], entry.spot, entry.standing) for entry in entries], preset)
    suspects = [
        Suspect(entry.id, entry.spot.at_us, _with(entry.weight, against.get(entry.id)))
        for entry in entries
        if entry.standing is Standing.ABSENT or entry.id in against
    ]
    grouped = episodes(suspects)
    return {entry.id: Context(against.get(entry.id), grouped.get(entry.id)) for entry in entries}


def standing(finding: Finding) -> Standing:
    if finding.outcome is Outcome.SUSPECT:
        return Standing.ABSENT
    return Standing.PRESENT if finding.present else Standing.OPEN


def _with(weight: Weight, conflict: Conflict | None) -> Weight:
    return weight if conflict is None else weight.joined_by(conflict)
