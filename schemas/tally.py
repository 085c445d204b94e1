"""What becomes of records, as agents count it. Each record of a topic comes to exactly one of these ends."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

DEAD_LETTER = "dead-letter"
"""The end of a record that was rejected; which of the reject codes is counted apart."""


class Tally(StrEnum):
    """Codes of counters. Each is explained in `MEANINGS`."""

    TAKEN = "taken"
    ANSWERED = "answered"
    REPEATED = "repeated"
    TICKED = "ticked"
    STORED = "stored"
    STALE = "stale"
    SUPERSEDED = "superseded"
    ERASED = "erased"
    FORGOTTEN = "forgotten"


_IN_A_STORE: Final = (Tally.STORED, Tally.STALE, Tally.SUPERSEDED, Tally.ERASED, DEAD_LETTER)
ENDS: Final = MappingProxyType(
    {
        "locations": (Tally.TAKEN, DEAD_LETTER),
        "transactions": (Tally.ANSWERED, Tally.REPEATED, Tally.FORGOTTEN, DEAD_LETTER),
        "ticks": (Tally.TICKED,),
        "erasures": (Tally.ERASED, DEAD_LETTER),
        "verdicts": _IN_A_STORE,
        "suspects": _IN_A_STORE,
        "feedback": _IN_A_STORE,
    }
)
"""What may become of the records of a topic, called as in `schemas.topics.Topics`."""

MEANINGS = MappingProxyType(
    {
        Tally.TAKEN: "a push whose fixes were taken in, whether or not they were known already",
        Tally.ANSWERED: "a payment that got its first verdict",
        Tally.REPEATED: "a payment that was answered before",
        Tally.TICKED: "a record of our own by which time passes",
        Tally.STORED: "a revision, or an analyst's word, that the store took",
        Tally.STALE: "one that the store had already, or a newer one: it was delivered before",
        Tally.SUPERSEDED: "one that something after it in the same slice made needless to store",
        Tally.ERASED: "a request to forget a device, or the news of it, that was done",
        Tally.FORGOTTEN: "a payment from before its device was forgotten: passed over",
    }
)
