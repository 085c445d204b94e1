"""What stores keep: one document an id, the one of the highest `version`; each is of one device."""

from schemas.feedback import Feedback
from schemas.verdict import Verdict

StoredDocument = Verdict | Feedback
"""Both are masked by construction, have the time of their payment as `timestamp`, and lack fields of the other."""
