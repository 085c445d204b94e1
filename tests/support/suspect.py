"""Final suspects, which cause alerts."""

from typing import Any

from schemas.verdict import Outcome, Status, Verdict
from tests.support.make import verdict

DEVICE = "device_k1_ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRST"
OTHER = "device_k1_ZYXWVUTSRQPONMLKJIHGFEDCBA765432ABCDEFGHIJKLMNOPQRST"
COOL_DOWN_S = 900.0


def suspect(number: int = 1, **changes: Any) -> Verdict:
    """Return a final suspect of risk 80."""
    fields: dict[str, Any] = {
        "verdict": "suspect",
        "status": "final",
        "risk": 80,
        "device_token": DEVICE,
        "codes": ("CARD_VELOCITY",),
    }
    fields |= changes
    fields |= {"verdict": Outcome(fields["verdict"]), "status": Status(fields["status"])}
    return verdict(number, **fields)
