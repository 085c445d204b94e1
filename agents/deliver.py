"""Deliver: which verdicts a batch of records holds for a store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agents.batch import Record
from schemas.reject import Reject
from schemas.verdict import Verdict, parse_verdict


@dataclass(frozen=True, slots=True)
class Parcel:
    """Verdicts with the records they came in, by document id, and the records that are none."""

    verdicts: Mapping[str, tuple[Record, Verdict]]
    refused: tuple[tuple[Record, Reject], ...]


def unpack_parcel(records: Iterable[Record]) -> Parcel:
    """Of several revisions of one verdict only the highest is kept: a store would overwrite the others anyway."""
    newest: dict[str, tuple[Record, Verdict]] = {}
    refused = []
    for record in records:
        verdict = parse_verdict(record.value)
        if isinstance(verdict, Reject):
            refused.append((record, verdict))
        elif verdict.id not in newest or verdict.revision > newest[verdict.id][1].revision:
            newest[verdict.id] = (record, verdict)
    return Parcel(newest, tuple(refused))
