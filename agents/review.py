"""Review: open payments are looked at again, and what has changed is published as a further revision."""

from collections.abc import Collection, Iterable
from hashlib import blake2b

import msgspec

from agents.batch import Batch
from agents.casebook import Case, Casebook, Line
from agents.memory import Memory
from agents.policy import Policy
from agents.rules.answer import NOTHING, Answer, Context, contexts
from agents.rules.decide import Finding, decide
from agents.rules.digest import DIGEST_BYTES
from agents.rules.verdict import compose, rule_of
from schemas.fault import Fault
from schemas.verdict import Outcome, Said, Status, Verdict, encode_verdict


class Review:
    """Of one device's payments, at the end of a batch that brought something new for it."""

    def __init__(self, batch: Batch, key: bytes, memory: Memory, book: Casebook, policy: Policy) -> None:
        self._batch = batch
        self._key = key
        self._memory = memory
        self._book = book
        self._policy = policy
        self._newest_ms = memory.newest_ms or 0

    def __call__(self, due: Collection[Line], ended: Iterable[Line] = ()) -> None:
        """Looks at the payments that are due, and at those of which the due ones change something.

        `ended`: those that get no further revision, whatever comes.
        """
        findings = {line.id: self._look(line) for line in due}
        closing = {line.id for line in ended}
        said_of = contexts((line.entry for line in self._book.lines), self._policy.preset)
        for line in list(self._book.open):
            context = said_of[line.id]
            digest = b"" if context == NOTHING else _digest(context)
            if line.id in findings or line.context != digest:
                line.context = digest
                finding = findings.get(line.id) or self._look(line)
                line.open = not (line.id in closing or line.complete(self._newest_ms))
                self._publish(line, Answer(finding, context, line.weight))
        self._book.save()

    def _look(self, line: Line) -> Finding:
        finding = decide(line.spot, self._memory, self._policy.preset)
        line.note(finding, self._newest_ms)
        if finding.quarantined > line.quarantined:
            self._batch.count(Fault.OUTLIER, finding.quarantined - line.quarantined)
            line.quarantined = finding.quarantined
        return finding

    def _publish(self, line: Line, answer: Answer) -> None:
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
            case = Case(case.payment, verdict.revision, said, whole, accused, final)
        self._book.write(line, case)


def send(batch: Batch, key: bytes, verdict: Verdict, policy: Policy, *, accused: bool) -> None:
    """Publishes a revision; also among the suspects when it is suspect, or was, so that they can take it back."""
    value = encode_verdict(verdict)
    batch.count(Said(verdict.verdict, verdict.status))
    batch.send(policy.topics.verdicts, key, value)
    if accused:
        batch.send(policy.topics.suspects, key, value)


def _without_revision(verdict: Verdict) -> Verdict:
    return msgspec.structs.replace(verdict, revision=1)


def _digest(said: Context | Verdict | tuple[object, ...]) -> bytes:
    return blake2b(msgspec.msgpack.encode(said), digest_size=DIGEST_BYTES).digest()
