"""Re-evaluation: open payments are judged again, and changed answers are published as further revisions."""

from collections.abc import Collection, Iterable

import msgspec

from agents.batch import Batch
from agents.context import AgentContext
from agents.judge import digest_of, evaluate_payment, judge
from agents.rules.decision.assessment import Assessment
from agents.rules.decision.decide import Finding
from agents.rules.publish.verdict import compose
from agents.state.open_payments import OpenPayments, PublishedAnswer, TrackedPayment
from agents.state.position_history import PositionHistory
from schemas.codes.fix_fault import FixFault
from schemas.verdict import Outcome, Status, Verdict, VerdictLabel, encode_verdict


class Reevaluation:
    """The re-evaluation of one device's payments, at the end of a batch with new evidence for it."""

    def __init__(
        self, batch: Batch, key: bytes, history: PositionHistory, payments: OpenPayments, context: AgentContext
    ) -> None:
        self._batch = batch
        self._key = key
        self._history = history
        self._payments = payments
        self._context = context
        self._newest_ms = history.newest_ms or 0

    def __call__(self, due: Collection[TrackedPayment], ended: Iterable[TrackedPayment] = ()) -> None:
        """Judge the due payments and those that the due ones affect, and save the payments.

        `ended`: payments that close now and get no further revision.
        """
        closing = {payment.id for payment in ended}
        judged = judge(self._payments.payments, due, self._evaluate, self._context.parameters)
        for payment, assessment in judged:
            payment.open = not (payment.id in closing or payment.is_complete(self._newest_ms))
            self._publish(payment, assessment)
        self._payments.save()

    def _evaluate(self, payment: TrackedPayment) -> Finding:
        finding = evaluate_payment(payment, self._history, self._context.parameters)
        payment.schedule(finding, self._newest_ms)
        if finding.rejected_points > payment.rejected_points:
            self._batch.count(FixFault.OUTLIER, finding.rejected_points - payment.rejected_points)
            payment.rejected_points = finding.rejected_points
        return finding

    def _publish(self, payment: TrackedPayment, assessment: Assessment) -> None:
        """Publish a revision if outcome, status or codes changed. A closing payment also publishes changed details."""
        answer = self._payments.answer(payment)
        final = answer.final or assessment.finding.settled or not payment.open
        status = Status.FINAL if final else Status.PROVISIONAL
        outcome_digest = digest_of((assessment.outcome, status, assessment.codes))
        if outcome_digest == answer.outcome_digest and payment.open:
            return
        verdict = compose(answer.payment, assessment, self._context.parameters, status, answer.revision + 1)
        verdict_digest = digest_of(_without_versions(verdict))
        if outcome_digest != answer.outcome_digest or verdict_digest != answer.verdict_digest:
            was_suspect = answer.was_suspect or verdict.verdict is Outcome.SUSPECT
            send(self._batch, self._key, verdict, self._context, was_suspect=was_suspect)
            answer = PublishedAnswer(
                answer.payment, verdict.revision, outcome_digest, verdict_digest, was_suspect, final
            )
        self._payments.write_answer(payment, answer)


def send(batch: Batch, key: bytes, verdict: Verdict, context: AgentContext, *, was_suspect: bool) -> None:
    """Publish a revision. A payment that is or was suspect also goes to the suspects, which may have to retract it."""
    value = encode_verdict(verdict)
    batch.count(VerdictLabel(verdict.verdict, verdict.status))
    batch.send(context.topics.verdicts, key, value)
    if was_suspect:
        batch.send(context.topics.suspects, key, value)


def _without_versions(verdict: Verdict) -> Verdict:
    """Return the verdict without revision and parameter set, neither of which is worth a revision of its own."""
    rule = msgspec.structs.replace(verdict.rule, parameter_set="")
    return msgspec.structs.replace(verdict, revision=1, rule=rule)
