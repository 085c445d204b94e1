"""Outcomes of records, as agents count them. Each record of a topic has exactly one outcome."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

DEAD_LETTER = "dead-letter"
"""Outcome of a rejected record. Another metric counts the reject codes."""


class RecordOutcome(StrEnum):
    """Outcomes: values of a metric label. `OUTCOME_HELP` explains each."""

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
"""Possible outcomes of the records of a topic, by the name of the field in `schemas.topics.Topics`."""

OUTCOME_HELP = MappingProxyType(
    {
        RecordOutcome.TAKEN: "an accepted push, even if all its fixes are already stored",
        RecordOutcome.ANSWERED: "a payment that got its first verdict",
        RecordOutcome.REPEATED: "a repeated payment, which already has a verdict",
        RecordOutcome.TICKED: "a record of the detector itself that advances time",
        RecordOutcome.STORED: "a revision or an analyst's feedback that the store accepted",
        RecordOutcome.STALE: "an equal or older document than the store has: delivered before",
        RecordOutcome.SUPERSEDED: "a document that a later record of the same batch replaces: not written",
        RecordOutcome.ERASED: "an erasure request, or an erasure among verdicts, that was carried out",
        RecordOutcome.FORGOTTEN: "a payment from before the erasure of its device: ignored",
    }
)
