"""The topics and what their records are. Keyed ones share one partition count; the key is the device id in UTF-8."""

from dataclasses import dataclass
from typing import Final

PARTITIONS: Final = 8


@dataclass(frozen=True, slots=True)
class Topics:
    """The names of the topics; a deployment may rename them.

    `ticks` is the detector's own: it lets time pass. `erasures`: devices that are to be forgotten. `feedback`: what
    analysts say of cases.
    """

    transactions: str = "transactions"
    locations: str = "locations"
    verdicts: str = "verdicts"
    suspects: str = "potential_fraud_transactions"
    dead_letters: str = "dead_letters"
    ticks: str = "ticks"
    erasures: str = "erasures"
    feedback: str = "feedback"

    @property
    def kept(self) -> tuple[str, ...]:
        """Those whose records stores keep: when a device is forgotten, that is said on each of them."""
        return self.verdicts, self.suspects, self.feedback
