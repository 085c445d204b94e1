"""Faults of a fix. The detector counts them and publishes none: they describe a phone, not a payment."""

from enum import StrEnum
from types import MappingProxyType


class FixFault(StrEnum):
    """Faults: values of a metric label. `FAULT_HELP` explains each."""

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
        FixFault.NULL_ISLAND: "at 0 degrees north, 0 degrees east, the output of receivers without a position: dropped",
        FixFault.FUTURE: "later than the receipt of its push: dropped",
        FixFault.MOCK: "the phone itself reports a fake position: no evidence",
        FixFault.ACCURACY_UNKNOWN: "without accuracy: a poor one is assumed",
        FixFault.ACCURACY_POOR: "too inaccurate to measure a speed: its speed is ignored",
        FixFault.SPEED_IMPOSSIBLE: "a speed above that of any airliner: its speed is ignored",
        FixFault.OUTLIER: "not reachable from its neighbours, which agree: ignored; counted for each payment near it",
        FixFault.TOO_LATE: "more than the accepted hour late: its payments may be closed",
        FixFault.FORGOTTEN: "from before the erasure of its device: dropped",
    }
)
