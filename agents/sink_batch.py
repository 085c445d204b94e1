"""Deliver: what a batch of records holds for a store, and which devices are to be erased from it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from agents.batch import Record
from schemas.codes.reject import Reject
from schemas.erasure import parse_erasure
from schemas.stored_document import StoredDocument
from schemas.verdict import parse_verdict

Parse = Callable[[bytes | None], StoredDocument | Reject]


@dataclass(frozen=True, slots=True)
class SinkBatch:
    """What is to be kept with the records it came in, by document id, and the records that are nothing of the kind.

    `erased`: the tokens of devices whose documents are to be deleted before these are stored; `erasures`: how many
    records said so.
    """

    kept: Mapping[str, tuple[Record, StoredDocument]]
    refused: tuple[tuple[Record, Reject], ...]
    erased: Collection[str] = ()
    erasures: int = 0


def read_batch(records: Iterable[Record], parse: Parse = parse_verdict) -> SinkBatch:
    """Of several versions of one document only the highest is kept: a store would overwrite the others anyway.

    So it would delete a document that an erasure of its device follows. One that follows the erasure stays.
    """
    newest: dict[str, tuple[Record, StoredDocument]] = {}
    refused = []
    erased: set[str] = set()
    erasures = 0
    for record in records:
        one = parse(record.value)
        if isinstance(one, Reject):
            if (erasure := parse_erasure(record.value)) is None:
                refused.append((record, one))
                continue
            erasures += 1
            erased.update(erasure.device_tokens)
            newest = {id_: kept for id_, kept in newest.items() if kept[1].device_token not in erasure.device_tokens}
        elif one.id not in newest or one.version > newest[one.id][1].version:
            newest[one.id] = (record, one)
    return SinkBatch(newest, tuple(refused), erased, erasures)
