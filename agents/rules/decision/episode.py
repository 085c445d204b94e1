"""Episode: suspects of one device that follow each other within the cool-down time."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from agents.rules.decision.risk import RiskFactors, risk
from agents.rules.parameters import RuleParameters


@dataclass(frozen=True, slots=True)
class Suspect:
    """One suspect payment. `id` is equal for the same payment."""

    id: bytes
    at_us: int
    factors: RiskFactors


class Episode(msgspec.Struct, frozen=True):
    """The place of one suspect in its episode.

    `first_id`: id of the suspect that began the episode. `number`: position of this suspect in it, starting at 1.
    `severity`: highest risk up to this suspect, 0 to 100. It never falls within an episode. The encoded names are part
    of digests in rows (`agents.judge.digest_of`), so they do not change with the attributes.
    """

    first_id: bytes = msgspec.field(name="first")
    number: int
    severity: int


def episodes(suspects: Iterable[Suspect], parameters: RuleParameters) -> dict[bytes, Episode]:
    """Return the episode of each suspect by its id.

    Suspects count in the order of their own times, so the result is a function of the set.
    """
    weights = parameters.risk_weights
    found: dict[bytes, Episode] = {}
    previous: tuple[int, Episode] | None = None
    for suspect in sorted(suspects, key=lambda suspect: (suspect.at_us, suspect.id)):
        if previous is not None and suspect.at_us - previous[0] <= parameters.cool_down_s * 1_000_000:
            number = previous[1].number + 1
            severity = max(previous[1].severity, risk(suspect.factors, number, weights).score)
            episode = Episode(previous[1].first_id, number, severity)
        else:
            episode = Episode(suspect.id, 1, risk(suspect.factors, 1, weights).score)
        found[suspect.id] = episode
        previous = (suspect.at_us, episode)
    return found
