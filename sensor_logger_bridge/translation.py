"""What a message from a phone can turn out to be."""

from dataclasses import dataclass
from typing import Final

from schemas.codes.reject import Reject, RejectCode
from schemas.push import Push

SHOWN_ON_PHONE = 499
"""For what only the phone's holder can put right. Sensor Logger shows the text of a 499 on the phone, once a recording;
what another app is answered, its `App` says.
"""


@dataclass(frozen=True, slots=True)
class NoPosition:
    """Nothing to publish, and nothing wrong. `text` is the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """Not accepted. `text` is the answer: it tells what to do and quotes nothing of the message."""

    status: int
    code: RejectCode | str
    text: str


@dataclass(frozen=True, slots=True)
class Fixes:
    """Positions to publish. `skipped`: items of the message that are none, or that cannot be used.

    `complaint`: there is something to put right all the same.
    """

    push: Push
    skipped: int = 0
    problem: Unusable | None = None


Translation = Fixes | NoPosition | Unusable

FOREIGN_DEVICE: Final = Unusable(403, "foreign-device", "This token belongs to another device.")


def malformed(title: str, reject: Reject) -> Unusable:
    """For a message that is none of the app's: code and fields of the reject, nothing of what was sent."""
    named = f" ({', '.join(reject.fields)})" if reject.fields else ""
    return Unusable(400, reject.code, f"This is no {title} message: {reject.code}{named}.")
