"""`geovelocity judge`: the rule over files, without any server."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import IO

import click

from agents.context import AgentContext
from agents.dead_letter import dead_letter
from agents.judge import FIRST_REVISION, evaluate_payment, judge, location_of, track_payment
from agents.rules.decision.assessment import NO_PLACE, Assessment
from agents.rules.evidence.full_track import FullTrack
from agents.rules.evidence.point_codec import pack_push, unpack
from agents.rules.parameters import PRESETS
from agents.rules.publish.verdict import compose
from agents.state.open_payments import TrackedPayment
from agents.testing import InMemoryRecord
from app.security.agent_context import agent_context
from app.settings import read_settings
from schemas.codes.reject import Reject
from schemas.payment import parse_payment
from schemas.push import parse_push
from schemas.verdict import MaskedPayment, Status, encode_verdict

SOME_LINES_REJECTED = 3
"""Exit code if a line of a file cannot be used."""


@dataclass(frozen=True, slots=True)
class PaidRecord:
    """A payment to be judged. `tracked`: None for a payment without a location."""

    masked: MaskedPayment
    tracked: TrackedPayment | None


class FileJudge:
    """A judge of payments in files: it judges device by device and returns verdicts in the order of the payments."""

    def __init__(self, context: AgentContext, errors: IO[str]) -> None:
        """Write dead letters of unusable lines to `errors`."""
        self._context = context
        self._errors = errors
        self._packed: defaultdict[str, bytearray] = defaultdict(bytearray)
        self.rejected = 0

    def add_positions(self, locations: IO[bytes]) -> None:
        """Add every push of a file. Call it before `verdicts`."""
        for record in _records(locations, self._context.topics.locations):
            push = parse_push(record.value)
            if isinstance(push, Reject):
                self._reject(record, push)
            else:
                self._packed[push.device_id] += pack_push(push).points

    def verdicts(self, transactions: IO[bytes]) -> Iterator[bytes]:
        """Return the final verdict of each payment, encoded as on the topic."""
        parameters = self._context.parameters
        answers: dict[tuple[str, str], bytes] = {}
        by_device: defaultdict[str, list[PaidRecord]] = defaultdict(list)
        for record in _records(transactions, self._context.topics.transactions):
            payment = parse_payment(record.value, luhn=self._context.luhn)
            if isinstance(payment, Reject):
                self._reject(record, payment)
                continue
            masked, aliases = self._context.masker.mask(payment), self._context.masker.aliases(payment)
            if (payment.device_id, masked.id) not in answers:
                answers[payment.device_id, masked.id] = b""
                location = location_of(payment)
                tracked = None if location is None else track_payment(masked, aliases, location, 0, parameters)
                by_device[payment.device_id].append(PaidRecord(masked, tracked))
        for device_id in sorted(by_device):
            paid = by_device.pop(device_id)
            for masked, assessment in self._judge_device(device_id, paid):
                verdict = compose(masked, assessment, parameters, Status.FINAL, FIRST_REVISION)
                answers[device_id, masked.id] = encode_verdict(verdict)
        return iter(answers.values())

    def _judge_device(self, device_id: str, paid: list[PaidRecord]) -> Iterator[tuple[MaskedPayment, Assessment]]:
        parameters = self._context.parameters
        track = FullTrack(unpack(bytes(self._packed.pop(device_id, b""))))
        payments = [one.tracked for one in paid if one.tracked is not None]
        evaluate = partial(evaluate_payment, track=track, parameters=parameters)
        judged = judge(payments, payments, evaluate, parameters)
        assessments = {payment.id: assessment for payment, assessment in judged}
        for one in paid:
            yield one.masked, NO_PLACE if one.tracked is None else assessments[one.tracked.id]

    def _reject(self, record: InMemoryRecord, reject: Reject) -> None:
        self.rejected += 1
        self._errors.write(dead_letter(record, reject, self._context.masker).decode() + "\n")


def _records(file: IO[bytes], topic: str) -> Iterator[InMemoryRecord]:
    for offset, value in enumerate(file):
        if stripped := value.strip():
            yield InMemoryRecord(topic, offset, stripped)


@click.command("judge")
@click.option("--locations", type=click.File("rb"), required=True, help="Pushes, one JSON object a line, any order.")
@click.option("--transactions", type=click.File("rb"), required=True, help="Payments, one JSON object a line.")
@click.option("--preset", type=click.Choice(list(PRESETS)), default=None, help="The rule's parameters.")
@click.option("--out", type=click.Path(dir_okay=False), default="-", help="Where verdicts go; default: the terminal.")
def command(locations: IO[bytes], transactions: IO[bytes], preset: str | None, out: str) -> None:
    """Judge payments from files with the code of the workers, and write one final verdict a line.

    Lines that cannot be used go to stderr as dead letters; the exit code is then 3.
    """
    context = agent_context(read_settings())
    if preset is not None:
        context = replace(context, parameters=PRESETS[preset])
    file_judge = FileJudge(context, sys.stderr)
    with click.open_file(out, "wb") as verdicts:
        file_judge.add_positions(locations)
        for verdict in file_judge.verdicts(transactions):
            verdicts.write(verdict + b"\n")
    sys.exit(SOME_LINES_REJECTED if file_judge.rejected else 0)
