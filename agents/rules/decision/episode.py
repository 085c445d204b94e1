"""Episode: suspects of one device that follow each other belong together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from agents.rules.decision.risk import RiskFactors, risk

COOL_DOWN_S: Final = 1_800
"""Whoever tries a stolen card tries it again within minutes; after half an hour of peace it is another story."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """One suspect payment. `id`: the same for the same payment."""

    id: bytes
    at_us: int
    weight: RiskFactors


@dataclass(frozen=True, slots=True)
class Episode:
    """Where a suspect stands in its episode.

    `first`: the id of the suspect it began with. `number`: how manieth this one is. `severity`: the highest risk so
    far, 0 to 100; within an episode it never falls.
    """

    first: bytes
    number: int
    severity: int


def episodes(suspects: Iterable[Suspect]) -> dict[bytes, Episode]:
    """By id. A function of the set: they count in order of their own time, whenever they came."""
    found: dict[bytes, Episode] = {}
    before: tuple[int, Episode] | None = None
    for suspect in sorted(suspects, key=lambda suspect: (suspect.at_us, suspect.id)):
        goes_on = before is not None and suspect.at_us - before[0] <= COOL_DOWN_S * 1_000_000
        if before is not None and goes_on:
            number = before[1].number + 1
            severity = max(before[1].severity, risk(suspect.weight, number).score)
            episode = Episode(before[1].first, number, severity)
        else:
            episode = Episode(suspect.id, 1, risk(suspect.weight, 1).score)
        found[suspect.id] = episode
        before = (suspect.at_us, episode)
    return found
