"""Deliver: which verdicts a batch of records holds for a store, and which devices are to be erased from it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from agents.batch import Record
from schemas.erasure import parse_erasure
from schemas.reject import Reject
from schemas.verdict import Verdict, parse_verdict


@dataclass(frozen=True, slots=True)
class Parcel:
    """Verdicts with the records they came in, by document id, and the records that are none.

    `erased`: the tokens of devices whose documents are to be deleted before the verdicts are stored; `erasures`: how
    many records said so.
    """

    verdicts: Mapping[str, tuple[Record, Verdict]]
    refused: tuple[tuple[Record, Reject], ...]
    erased: Collection[str] = ()
    erasures: int = 0


def unpack_parcel(records: Iterable[Record]) -> Parcel:
    """Of several revisions of one verdict only the highest is kept: a store would overwrite the others anyway.

    So it would delete a verdict that an erasure of its device follows. One that follows the erasure stays.
    """
    newest: dict[str, tuple[Record, Verdict]] = {}
    refused = []
    erased: set[str] = set()
    erasures = 0
    for record in records:
        verdict = parse_verdict(record.value)
        if isinstance(verdict, Reject):
            if (erasure := parse_erasure(record.value)) is None:
                refused.append((record, verdict))
                continue
            erasures += 1
            erased.update(erasure.device_tokens)
            newest = {id_: one for id_, one in newest.items() if one[1].device_token not in erasure.device_tokens}
        elif verdict.id not in newest or verdict.revision > newest[verdict.id][1].revision:
            newest[verdict.id] = (record, verdict)
    return Parcel(newest, tuple(refused), erased, erasures)
