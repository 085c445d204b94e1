"""Reason: a verdict in one sentence that a person can read. Stored text: do not change the wording."""

from agents.rules.decision.assessment import Assessment
from agents.rules.publish.wording import phone_was
from schemas.codes.reason import REASON_HELP
from schemas.verdict import Outcome


def explain(assessment: Assessment) -> str:
    """Return the sentence of the last signal that accuses; otherwise the meaning of the finding."""
    if accusing := assessment.accusations:
        return accusing[-1].sentence()
    finding = assessment.finding
    if finding.measurement is None or finding.outcome is Outcome.NOT_EVALUABLE:
        return f"Not evaluable: {REASON_HELP[finding.codes[0]]}."
    return f"{phone_was(finding.measurement)}; the holder could have been there."
