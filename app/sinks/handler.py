"""The handler of a sink: it writes a batch of records to one store, and rejected records to the dead letters.

It deletes the documents of erased devices first, and then stores only what follows the erasure.
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
"""Write dead letters to a topic and partition, and return when they are durable."""


class SinkHandler:
    """A batch handler for one dataset of one store."""

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
        """Write a batch of records from one partition and return when it is durable. Idempotent.

        Raises:
            UnavailableError: the store does not answer. Any part may have been stored.
        """
        batch = read_batch(records, PARSER_OF[self._dataset])
        erased = await self._sink.erase(self._dataset, batch.erased_tokens) if batch.erased_tokens else 0
        result = await self._sink.store(self._dataset, [one for _, one in batch.documents.values()])
        if result.rejected:
            reasons = ", ".join(sorted({one.reason for one in result.rejected}))
            log.error("the store rejected %d documents (%s): they go to dead_letters", len(result.rejected), reasons)
        rejected = [
            *batch.rejected,
            *((batch.documents[one.document.id][0], Reject(RejectCode.REFUSED_BY_STORE)) for one in result.rejected),
        ]
        if rejected:
            context = self._keyring.current()
            letters = [dead_letter(record, reject, context.masker) for record, reject in rejected]
            await self._write_dead_letters(context.topics.dead_letters, records[0].partition, letters)
        self._count(records, batch, result)
        self._metrics.count_events(
            records[0].topic, {RecordOutcome.ERASED: batch.erasures, RemovedItem.DOCUMENT: erased}
        )

    def _count(self, records: Sequence[Record], batch: SinkBatch, result: WriteResult) -> None:
        """Count the outcome of each record."""
        topic = records[0].topic
        counts: Counter[CountedEvent] = Counter(reject.code for _, reject in batch.rejected)
        counts[RejectCode.REFUSED_BY_STORE] = len(result.rejected)
        counts[RecordOutcome.STORED], counts[RecordOutcome.STALE] = result.stored, result.stale
        counts[RecordOutcome.SUPERSEDED] = len(records) - len(batch.documents) - len(batch.rejected) - batch.erasures
        self._metrics.add(RECORDS, len(records), topic=topic)
        self._metrics.count_events(topic, counts)
