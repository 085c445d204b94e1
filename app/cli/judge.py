"""`geovelocity judge`: the rule over files, without any server."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO

import click

from agents.policy import Policy
from agents.refuse import dead_letter
from agents.rules.history import Archive
from agents.rules.preset import PRESETS
from agents.rules.track import pack_push, unpack
from agents.rules.verdict import compose, rule_of
from agents.score import FIRST_REVISION, find
from app.settings import read_settings
from schemas.payment import Payment, parse_payment
from schemas.push import parse_push
from schemas.reject import Reject
from schemas.verdict import Status, encode_verdict

SOME_LINES_REFUSED = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file, where a record of a topic would be."""

    topic: str
    offset: int
    value: bytes
    partition: int = 0
    timestamp: int = 0
    key: bytes | None = None


class Judge:
    """Reads both files, then answers payment by payment in the order of their file."""

    def __init__(self, policy: Policy, complaints: IO[str]) -> None:
        self._policy = policy
        self._complaints = complaints
        self._packed: defaultdict[str, bytearray] = defaultdict(bytearray)
        self._archives: dict[str, Archive] = {}
        self.refused = 0

    def hear(self, locations: IO[bytes]) -> None:
        """Takes in every push."""
        for line in _lines(locations, self._policy.topics.locations):
            push = parse_push(line.value)
            if isinstance(push, Reject):
                self._complain(line, push)
            else:
                self._packed[push.device_id] += pack_push(push)

    def verdicts(self, transactions: IO[bytes]) -> Iterator[bytes]:
        """The final verdict of each payment, as on the topic."""
        rule = rule_of(self._policy.preset)
        answered: set[tuple[str, str]] = set()
        for line in _lines(transactions, self._policy.topics.transactions):
            payment = parse_payment(line.value, luhn=self._policy.luhn)
            if isinstance(payment, Reject):
                self._complain(line, payment)
                continue
            masked = self._policy.masker.mask(payment)
            if (payment.device_id, masked.id) not in answered:
                answered.add((payment.device_id, masked.id))
                finding = find(payment, self._archive(payment), self._policy)
                yield encode_verdict(compose(masked, finding, rule, Status.FINAL, FIRST_REVISION))

    def _archive(self, payment: Payment) -> Archive:
        archive = self._archives.get(payment.device_id)
        if archive is None:
            packed = self._packed.pop(payment.device_id, b"")
            archive = self._archives[payment.device_id] = Archive(unpack(bytes(packed)))
        return archive

    def _complain(self, line: Line, reject: Reject) -> None:
        self.refused += 1
        self._complaints.write(dead_letter(line, reject, self._policy.masker).decode() + "\n")


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
    policy = settings.policy if preset is None else replace(settings.policy, preset=PRESETS[preset])
    judge = Judge(policy, sys.stderr)
    with click.open_file(out, "wb") as sheet:
        judge.hear(locations)
        for verdict in judge.verdicts(transactions):
            sheet.write(verdict + b"\n")
    sys.exit(SOME_LINES_REFUSED if judge.refused else 0)
