"""What can be wrong with a fix. A fault is counted, never published: it is about a phone, not about a payment."""

from enum import StrEnum
from types import MappingProxyType


class FixFault(StrEnum):
    """The codes of counters. Each is explained in `MEANINGS`."""

    NULL_ISLAND = "null-island"
    FUTURE = "future"
    MOCK = "mock"
    ACCURACY_UNKNOWN = "accuracy-unknown"
    ACCURACY_POOR = "accuracy-poor"
    SPEED_IMPOSSIBLE = "speed-impossible"
    OUTLIER = "outlier"
    TOO_LATE = "too-late"
    FORGOTTEN = "forgotten"


FAULT_HELP = MappingProxyType(
    {
        FixFault.NULL_ISLAND: "at 0 degrees north, 0 degrees east, where receivers without a position are: left out",
        FixFault.FUTURE: "later than the push that brought it was received: left out",
        FixFault.MOCK: "made up, as the phone itself says: no evidence",
        FixFault.ACCURACY_UNKNOWN: "it does not say how exact it is: assumed poor",
        FixFault.ACCURACY_POOR: "so vague that it cannot have measured a speed: its speed is not believed",
        FixFault.SPEED_IMPOSSIBLE: "faster than any airliner: its speed is unknown",
        FixFault.OUTLIER: "out of reach of its neighbours, which agree: quarantined; counted for each payment near it",
        FixFault.TOO_LATE: "more than the hour late that a fix may be: it may find its payments closed",
        FixFault.FORGOTTEN: "from before its device was forgotten: left out",
    }
)
