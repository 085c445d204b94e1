"""What a body from a phone can turn out to be."""

from dataclasses import dataclass

from schemas.push import Push
from schemas.reject import RejectCode

SHOWN_TO_THE_PERSON = 499
"""Sensor Logger shows the text of a 499 on the phone, once a recording: for what only its holder can put right."""


@dataclass(frozen=True, slots=True)
class Fixes:
    """Positions to publish. `skipped`: items of the body that are none."""

    push: Push
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Understood:
    """Nothing to publish, and nothing wrong. `text` is the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Not accepted. `text` is the answer: it tells what to do and quotes nothing of the body."""

    status: int
    code: RejectCode | str
    text: str


Translation = Fixes | Understood | Refused
