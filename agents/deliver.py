"""Deliver: verdicts are handed to a store, each document once and with its highest revision."""

from collections.abc import Iterable
from dataclasses import dataclass

from agents.batch import Record
from schemas.reject import Reject
from schemas.verdict import Verdict, parse_verdict


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a batch of records holds: verdicts to be stored, and records that are none."""

    verdicts: tuple[Verdict, ...]
    refused: tuple[tuple[Record, Reject], ...]


def unpack_parcel(records: Iterable[Record]) -> Parcel:
    """Of several revisions of one verdict only the highest is kept: a store would overwrite the others anyway."""
    newest: dict[str, Verdict] = {}
    refused = []
    for record in records:
        verdict = parse_verdict(record.value)
        if isinstance(verdict, Reject):
            refused.append((record, verdict))
        elif verdict.id not in newest or verdict.revision > newest[verdict.id].revision:
            newest[verdict.id] = verdict
    return Parcel(tuple(newest.values()), tuple(refused))
