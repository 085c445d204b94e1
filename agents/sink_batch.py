"""Sink batch: a batch of records as documents and erasures for a store."""

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
    """The work of a sink for one batch.

    `documents`: documents to store with their records, by document id. `rejected`: records that are neither a document
    nor an erasure. `erased_tokens`: device tokens whose documents the sink deletes before it stores the others.
    `erasures`: number of erasure records.
    """

    documents: Mapping[str, tuple[Record, StoredDocument]]
    rejected: tuple[tuple[Record, Reject], ...]
    erased_tokens: Collection[str] = ()
    erasures: int = 0


def read_batch(records: Iterable[Record], parse: Parse = parse_verdict) -> SinkBatch:
    """Return the work for a batch of records, with only the highest version of each document.

    The store would overwrite lower versions anyway. A document that precedes an erasure of its device is dropped; one
    that follows it stays.
    """
    newest: dict[str, tuple[Record, StoredDocument]] = {}
    rejected = []
    erased_tokens: set[str] = set()
    erasures = 0
    for record in records:
        one = parse(record.value)
        if isinstance(one, Reject):
            if (erasure := parse_erasure(record.value)) is None:
                rejected.append((record, one))
                continue
            erasures += 1
            erased_tokens.update(erasure.device_tokens)
            newest = {id_: held for id_, held in newest.items() if held[1].device_token not in erasure.device_tokens}
        elif one.id not in newest or one.version > newest[one.id][1].version:
            newest[one.id] = (record, one)
    return SinkBatch(newest, tuple(rejected), erased_tokens, erasures)
