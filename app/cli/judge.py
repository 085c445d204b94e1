"""`geovelocity judge`: the rule over files, without any server."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO

import click

from agents.context import AgentContext
from agents.dead_letter import dead_letter
from agents.rules.decision.assessment import NO_PLACE, Assessment, ComparedPayment, presence_of, relate
from agents.rules.decision.decide import Finding, decide
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.decision.risk import amount_score, risk_factors
from agents.rules.evidence.full_track import FullTrack
from agents.rules.evidence.point_codec import pack_push, unpack
from agents.rules.parameters import PRESETS
from agents.rules.publish.short_hash import short_hash
from agents.rules.publish.verdict import compose, rule_of
from agents.score import FIRST_REVISION, spot_of
from app.line import Line
from app.security.agent_context import agent_context
from app.settings import read_settings
from schemas.codes.reject import Reject
from schemas.payment import parse_payment
from schemas.push import parse_push
from schemas.verdict import MaskedPayment, Status, encode_verdict

SOME_LINES_REFUSED = 3


@dataclass(frozen=True, slots=True)
class PaidRecord:
    """A payment that is to be judged. `spot` None: it does not say where it was made."""

    masked: MaskedPayment
    spot: PaymentLocation | None


class Judge:
    """Reads both files, judges device by device, and answers in the order of the payments' file."""

    def __init__(self, policy: AgentContext, complaints: IO[str]) -> None:
        self._policy = policy
        self._complaints = complaints
        self._rule = rule_of(policy.preset)
        self._packed: defaultdict[str, bytearray] = defaultdict(bytearray)
        self.refused = 0

    def hear(self, locations: IO[bytes]) -> None:
        """Takes in every push."""
        for line in _lines(locations, self._policy.topics.locations):
            push = parse_push(line.value)
            if isinstance(push, Reject):
                self._complain(line, push)
            else:
                self._packed[push.device_id] += pack_push(push).points

    def verdicts(self, transactions: IO[bytes]) -> Iterator[bytes]:
        """The final verdict of each payment, as on the topic."""
        answers: dict[tuple[str, str], bytes] = {}
        by_device: defaultdict[str, list[PaidRecord]] = defaultdict(list)
        for line in _lines(transactions, self._policy.topics.transactions):
            payment = parse_payment(line.value, luhn=self._policy.luhn)
            if isinstance(payment, Reject):
                self._complain(line, payment)
                continue
            masked = self._policy.masker.mask(payment)
            if (payment.device_id, masked.id) not in answers:
                answers[payment.device_id, masked.id] = b""
                by_device[payment.device_id].append(PaidRecord(masked, spot_of(payment)))
        for device_id in sorted(by_device):
            for paid, answer in self._judge(device_id, by_device.pop(device_id)):
                verdict = compose(paid.masked, answer, self._rule, Status.FINAL, FIRST_REVISION)
                answers[device_id, paid.masked.id] = encode_verdict(verdict)
        return iter(answers.values())

    def _judge(self, device_id: str, payments: list[PaidRecord]) -> Iterator[tuple[PaidRecord, Assessment]]:
        archive = FullTrack(unpack(bytes(self._packed.pop(device_id, b""))))
        entries, findings = [], []
        for paid in payments:
            finding = None if paid.spot is None else decide(paid.spot, archive, self._policy.preset)
            findings.append(finding)
            if paid.spot is not None and finding is not None:
                entries.append(_entry(paid.masked, paid.spot, finding))
        said_of = relate(entries, self._policy.preset)
        known = {entry.id: entry for entry in entries}
        for paid, finding in zip(payments, findings, strict=True):
            if finding is None:
                yield paid, NO_PLACE
            else:
                entry = known[short_hash(paid.masked.id)]
                yield paid, Assessment(finding, said_of[entry.id], entry.weight)

    def _complain(self, line: Line, reject: Reject) -> None:
        self.refused += 1
        self._complaints.write(dead_letter(line, reject, self._policy.masker).decode() + "\n")


def _entry(masked: MaskedPayment, spot: PaymentLocation, finding: Finding) -> ComparedPayment:
    weight = risk_factors(finding, amount_score(masked.amount))
    return ComparedPayment(short_hash(masked.id), short_hash(masked.card_token), spot, presence_of(finding), weight)


def _lines(file: IO[bytes], topic: str) -> Iterator[Line]:
    for offset, value in enumerate(file):
        if stripped := value.strip():
            yield Line(topic, offset, stripped)


@click.command("judge")
@click.option("--locations", type=click.File("rb"), required=True, help="Pushes, one JSON object a line, any order.")
@click.option("--transactions", type=click.File("rb"), required=True, help="Payments, one JSON object a line.")
@click.option("--preset", type=click.Choice(list(PRESETS)), default=None, help="The rule's parameters.")
@click.option("--out", type=click.Path(dir_okay=False), default="-", help="Where verdicts go; default: the terminal.")
def command(locations: IO[bytes], transactions: IO[bytes], preset: str | None, out: str) -> None:
    """Judge payments from files with the code of the workers, and write one final verdict a line.

    Lines that cannot be used go to stderr as dead letters; the exit code is then 3.
    """
    settings = read_settings()
    policy = agent_context(settings)
    if preset is not None:
        policy = replace(policy, preset=PRESETS[preset])
    judge = Judge(policy, sys.stderr)
    with click.open_file(out, "wb") as sheet:
        judge.hear(locations)
        for verdict in judge.verdicts(transactions):
            sheet.write(verdict + b"\n")
    sys.exit(SOME_LINES_REFUSED if judge.refused else 0)
