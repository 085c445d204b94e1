"""Review: open payments are looked at again, and what has changed is published as a further revision."""

from collections.abc import Collection, Iterable
from hashlib import blake2b

import msgspec

from agents.batch import Batch
from agents.context import AgentContext
from agents.rules.decision.assessment import UNRELATED, Assessment, RelatedPayments, relate
from agents.rules.decision.decide import Finding, decide
from agents.rules.publish.short_hash import DIGEST_BYTES
from agents.rules.publish.verdict import compose, rule_of
from agents.state.open_payments import OpenPayments, PublishedAnswer, TrackedPayment
from agents.state.position_history import PositionHistory
from schemas.codes.fix_fault import FixFault
from schemas.verdict import Outcome, Status, Verdict, VerdictLabel, encode_verdict


class Reevaluation:
    """Of one device's payments, at the end of a batch that brought something new for it."""

    def __init__(
        self, batch: Batch, key: bytes, memory: PositionHistory, book: OpenPayments, policy: AgentContext
    ) -> None:
        self._batch = batch
        self._key = key
        self._memory = memory
        self._book = book
        self._policy = policy
        self._newest_ms = memory.newest_ms or 0

    def __call__(self, due: Collection[TrackedPayment], ended: Iterable[TrackedPayment] = ()) -> None:
        """Looks at the payments that are due, and at those of which the due ones change something.

        `ended`: those that get no further revision, whatever comes.
        """
        findings = {line.id: self._look(line) for line in due}
        closing = {line.id for line in ended}
        said_of = relate((line.entry for line in self._book.lines), self._policy.preset)
        for line in list(self._book.open):
            context = said_of[line.id]
            digest = b"" if context == UNRELATED else _digest(context)
            if line.id in findings or line.context != digest:
                line.context = digest
                finding = findings.get(line.id) or self._look(line)
                line.open = not (line.id in closing or line.complete(self._newest_ms))
                self._publish(line, Assessment(finding, context, line.weight))
        self._book.save()

    def _look(self, line: TrackedPayment) -> Finding:
        finding = decide(line.spot, self._memory, self._policy.preset)
        line.record_evaluation(finding, self._newest_ms)
        if finding.rejected_points > line.rejected_points:
            self._batch.count(FixFault.OUTLIER, finding.rejected_points - line.rejected_points)
            line.rejected_points = finding.rejected_points
        return finding

    def _publish(self, line: TrackedPayment, answer: Assessment) -> None:
        """Says what is new. What is said in short decides; only the last word is worth a revision for its details."""
        case = self._book.case(line)
        final = case.final or answer.finding.settled or not line.open
        status = Status.FINAL if final else Status.PROVISIONAL
        said = _digest((answer.outcome, status, answer.codes))
        if said == case.said and line.open:
            return
        verdict = compose(case.payment, answer, rule_of(self._policy.preset), status, case.revision + 1)
        whole = _digest(_without_revision(verdict))
        if said != case.said or whole != case.whole:
            accused = case.accused or verdict.verdict is Outcome.SUSPECT
            send(self._batch, self._key, verdict, self._policy, accused=accused)
            case = PublishedAnswer(case.payment, verdict.revision, said, whole, accused, final)
        self._book.write(line, case)


def send(batch: Batch, key: bytes, verdict: Verdict, policy: AgentContext, *, accused: bool) -> None:
    """Publishes a revision; also among the suspects when it is suspect, or was, so that they can take it back."""
    value = encode_verdict(verdict)
    batch.count(VerdictLabel(verdict.verdict, verdict.status))
    batch.send(policy.topics.verdicts, key, value)
    if accused:
        batch.send(policy.topics.suspects, key, value)


def _without_revision(verdict: Verdict) -> Verdict:
    return msgspec.structs.replace(verdict, revision=1)


def _digest(said: RelatedPayments | Verdict | tuple[object, ...]) -> bytes:
    return blake2b(msgspec.msgpack.encode(said), digest_size=DIGEST_BYTES).digest()
