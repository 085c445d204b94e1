"""Reasons of a verdict. Every verdict has at least one of these codes."""

from enum import StrEnum
from types import MappingProxyType


class ReasonCode(StrEnum):
    """Reason codes of verdicts. `REASON_HELP` explains each."""

    UNREACHABLE_BEFORE = "UNREACHABLE_BEFORE"
    UNREACHABLE_AFTER = "UNREACHABLE_AFTER"
    CARD_VELOCITY = "CARD_VELOCITY"
    REACHABLE = "REACHABLE"
    NO_FIX = "NO_FIX"
    STALE_FIX = "STALE_FIX"
    LOW_ACCURACY = "LOW_ACCURACY"
    NO_PLACE = "NO_PLACE"
    PHONE_UNTRUSTED = "PHONE_UNTRUSTED"
    LATE_PAYMENT = "LATE_PAYMENT"


REASON_HELP = MappingProxyType(
    {
        ReasonCode.UNREACHABLE_BEFORE: "from where the phone was before, the place could not have been reached in time",
        ReasonCode.UNREACHABLE_AFTER: "from the place, the phone could not have come to where it was afterwards",
        ReasonCode.CARD_VELOCITY: "nobody could have made this payment and an earlier one of the same card",
        ReasonCode.REACHABLE: "the holder could have been at the place",
        ReasonCode.NO_FIX: "nothing usable is known of the phone around the payment",
        ReasonCode.STALE_FIX: "all that is known of the phone is more than ten hours before the payment",
        ReasonCode.LOW_ACCURACY: "the phone's fixes are too vague, and the place lies within their vagueness",
        ReasonCode.NO_PLACE: "the payment does not say where it was made, or says 0 degrees north, 0 degrees east",
        ReasonCode.PHONE_UNTRUSTED: "the phone says that its positions are made up, or contradicts itself",
        ReasonCode.LATE_PAYMENT: "the payment came so late that the phone's history of that time is gone",
    }
)
