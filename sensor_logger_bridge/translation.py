"""Results of translating a phone's message: fixes, no position, or unusable."""

from dataclasses import dataclass
from typing import Final

from schemas.codes.reject import Reject, RejectCode
from schemas.push import Push

SHOWN_ON_PHONE = 499
"""HTTP status of problems that only the phone's holder can solve.

Sensor Logger shows the text of a 499 on the phone, once a recording. For the answer to other apps see `App`.
"""


@dataclass(frozen=True, slots=True)
class NoPosition:
    """A valid message without positions. `text` is the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """A message that the bridge does not accept.

    `text` is the answer: it names the problem and the remedy, and quotes nothing of the message.
    """

    status: int
    code: RejectCode | str
    text: str


@dataclass(frozen=True, slots=True)
class Fixes:
    """Positions to publish.

    `skipped`: number of the message's items that are no positions or are unusable. `problem`: a problem that the
    phone's holder should solve although these positions are valid.
    """

    push: Push
    skipped: int = 0
    problem: Unusable | None = None


Translation = Fixes | NoPosition | Unusable

FOREIGN_DEVICE: Final = Unusable(403, "foreign-device", "This token belongs to another device.")


def malformed(title: str, reject: Reject) -> Unusable:
    """Return the answer to a message that breaks the app's format: the reject's code and fields, no content."""
    named = f" ({', '.join(reject.fields)})" if reject.fields else ""
    return Unusable(400, reject.code, f"Not a valid {title} message: {reject.code}{named}.")
