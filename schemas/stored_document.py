"""Documents in the stores: one for each id, the one with the highest `version`. Each belongs to one device."""

from schemas.feedback import Feedback
from schemas.verdict import Verdict

StoredDocument = Verdict | Feedback
"""Both types are masked by construction and have the payment's time as `timestamp`. Each lacks fields of the other."""
