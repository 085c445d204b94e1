"""Records into one store; what the store or the schema refuses becomes dead letters.

A device that is to be forgotten is deleted first, and then only what was said after that is stored.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from agents.batch import CountedEvent, Record
from agents.dead_letter import dead_letter
from agents.sink_batch import Parse, SinkBatch, read_batch
from app.observability.catalogue import RECORDS
from app.observability.registry import MetricsRegistry
from app.security.keyring import Keyring
from app.sinks.base import Dataset, Sink, WriteResult
from schemas.codes.record_outcome import RecordOutcome
from schemas.codes.reject import Reject, RejectCode
from schemas.erasure import RemovedItem
from schemas.feedback import parse_feedback
from schemas.verdict import parse_verdict

log = logging.getLogger(__name__)

PARSER_OF: Final[Mapping[Dataset, Parse]] = MappingProxyType(
    {Dataset.VERDICTS: parse_verdict, Dataset.SUSPECTS: parse_verdict, Dataset.FEEDBACK: parse_feedback}
)

WriteDeadLetters = Callable[[str, int, Sequence[bytes]], Awaitable[None]]
"""Writes dead letters to a topic and partition, and returns when they are durable."""


class SinkHandler:
    """Bound to one store and one of its shelves."""

    def __init__(
        self,
        sink: Sink,
        dataset: Dataset,
        keyring: Keyring,
        metrics: MetricsRegistry,
        write_dead_letters: WriteDeadLetters,
    ) -> None:
        self._sink = sink
        self._dataset = dataset
        self._keyring = keyring
        self._metrics = metrics
        self._write_dead_letters = write_dead_letters

    async def __call__(self, records: Sequence[Record]) -> None:
        """Returns when all is durable. Idempotent.

        Raises:
            UnavailableError: the store does not answer; any part may have been stored.
        """
        parcel = read_batch(records, PARSER_OF[self._dataset])
        erased = await self._sink.erase(self._dataset, parcel.erased) if parcel.erased else 0
        receipt = await self._sink.store(self._dataset, [one for _, one in parcel.kept.values()])
        if never := receipt.rejected:
            kinds = ", ".join(sorted({refusal.reason for refusal in never}))
            log.error("%d documents will never be stored here (%s): they are dead letters now", len(never), kinds)
        refused = [
            *parcel.refused,
            *((parcel.kept[refusal.document.id][0], Reject(RejectCode.REFUSED_BY_STORE)) for refusal in never),
        ]
        if refused:
            policy = self._keyring.current()
            letters = [dead_letter(record, reject, policy.masker) for record, reject in refused]
            await self._write_dead_letters(policy.topics.dead_letters, records[0].partition, letters)
        self._note(records, parcel, receipt)
        self._metrics.count_events(
            records[0].topic, {RecordOutcome.ERASED: parcel.erasures, RemovedItem.DOCUMENT: erased}
        )

    def _note(self, records: Sequence[Record], parcel: SinkBatch, receipt: WriteResult) -> None:
        """Counts what is durable now."""
        topic = records[0].topic
        counts: Counter[CountedEvent] = Counter(reject.code for _, reject in parcel.refused)
        counts[RejectCode.REFUSED_BY_STORE] = len(receipt.rejected)
        counts[RecordOutcome.STORED], counts[RecordOutcome.STALE] = receipt.stored, receipt.stale
        counts[RecordOutcome.SUPERSEDED] = len(records) - len(parcel.kept) - len(parcel.refused) - parcel.erasures
        self._metrics.add(RECORDS, len(records), topic=topic)
        self._metrics.count_events(topic, counts)
