"""What becomes of records, as agents count it. Each record of a topic comes to exactly one of these ends."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

DEAD_LETTER = "dead-letter"
"""The end of a record that was rejected; which of the reject codes is counted apart."""


class RecordOutcome(StrEnum):
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


_IN_A_STORE: Final = (
    RecordOutcome.STORED,
    RecordOutcome.STALE,
    RecordOutcome.SUPERSEDED,
    RecordOutcome.ERASED,
    DEAD_LETTER,
)
OUTCOMES_BY_TOPIC: Final = MappingProxyType(
    {
        "locations": (RecordOutcome.TAKEN, DEAD_LETTER),
        "transactions": (RecordOutcome.ANSWERED, RecordOutcome.REPEATED, RecordOutcome.FORGOTTEN, DEAD_LETTER),
        "ticks": (RecordOutcome.TICKED,),
        "erasures": (RecordOutcome.ERASED, DEAD_LETTER),
        "verdicts": _IN_A_STORE,
        "suspects": _IN_A_STORE,
        "feedback": _IN_A_STORE,
    }
)
"""What may become of the records of a topic, called as in `schemas.topics.Topics`."""

OUTCOME_HELP = MappingProxyType(
    {
        RecordOutcome.TAKEN: "a push whose fixes were taken in, whether or not they were known already",
        RecordOutcome.ANSWERED: "a payment that got its first verdict",
        RecordOutcome.REPEATED: "a payment that was answered before",
        RecordOutcome.TICKED: "a record of our own by which time passes",
        RecordOutcome.STORED: "a revision, or an analyst's word, that the store took",
        RecordOutcome.STALE: "one that the store had already, or a newer one: it was delivered before",
        RecordOutcome.SUPERSEDED: "one that something after it in the same slice made needless to store",
        RecordOutcome.ERASED: "a request to forget a device, or the news of it, that was done",
        RecordOutcome.FORGOTTEN: "a payment from before its device was forgotten: passed over",
    }
)
