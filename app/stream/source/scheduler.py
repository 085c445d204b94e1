"""Order in which fetched batches reach the agents."""

from collections.abc import Iterator, Mapping

from faust.types import TP

from app.stream.source.fetched_batch import RECORDS_MAX, FetchedBatch


class RoundRobinScheduler:
    """Faust consumer scheduler that splits long batches and interleaves the partitions."""

    def iterate(self, fetched: Mapping[TP, FetchedBatch]) -> Iterator[tuple[TP, FetchedBatch]]:
        """Yield batches of at most `RECORDS_MAX` records with their partitions, in order within each partition."""
        pending = {tp: _split(batch) for tp, batch in fetched.items()}
        while pending:
            for tp in list(pending):
                if part := next(pending[tp], None):
                    yield tp, part
                else:
                    del pending[tp]


def _split(batch: FetchedBatch) -> Iterator[FetchedBatch]:
    start_offset, records = batch
    for first in range(0, len(records), RECORDS_MAX):
        part = FetchedBatch(start_offset, records[first : first + RECORDS_MAX])
        yield part
        start_offset = part.next_offset
