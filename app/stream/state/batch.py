"""The batch that an agent works on: records, a view of the rows, changes and outputs."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from agents.batch import CountedEvent, Record
from app.stream.output.producer import RECORD_OVERHEAD_BYTES, Message

WEIGHT_MAX_BYTES: Final = 6 << 20
"""Upper estimate of rows and checkpoint together, above which a batch accepts no further record."""

BATCH_BYTES_MAX: Final = WEIGHT_MAX_BYTES + (2 << 20)
"""Size limit of the producer: the heaviest batch and one more record of a megabyte with its outputs."""


class SourceBatch:
    """Records of one partition. It holds changed rows and outputs until the batch is written.

    Its weight is an upper bound of what will be written. A row grows by less than the record that makes it grow.
    Outputs count in full, because the checkpoint contains them.
    """

    def __init__(self, records: Sequence[Record], rows: Mapping[bytes, bytes]) -> None:
        self.changed: dict[bytes, bytes | None] = {}
        self.outputs: defaultdict[str, list[Message]] = defaultdict(list)
        self.counts: Counter[CountedEvent] = Counter()
        self.records_read = 0
        self._records = records
        self._rows = rows
        self._weight_bytes = 0

    @property
    def next_offset(self) -> int:
        """The offset after the last record of this batch."""
        return self._records[self.records_read - 1].offset + 1

    @property
    def is_full(self) -> bool:
        """Whether the batch must not become heavier."""
        return self._weight_bytes > WEIGHT_MAX_BYTES

    @property
    def records(self) -> Iterator[Record]:
        for record in self._records:
            if self._weight_bytes > WEIGHT_MAX_BYTES:  # `is_full`, without a call per record
                return
            self.records_read += 1
            self._weight_bytes += len(record.value or b"")
            yield record

    def get(self, key: bytes) -> bytes | None:
        if key in self.changed:
            return self.changed[key]
        row = self._rows.get(key)
        self._weight_bytes += RECORD_OVERHEAD_BYTES + len(key) + len(row or b"")
        return row

    def put(self, key: bytes, value: bytes | None) -> None:
        self.changed[key] = value

    def send(self, topic: str, key: bytes | None, value: bytes) -> None:
        self.outputs[topic].append(Message(key, value))
        self._weight_bytes += RECORD_OVERHEAD_BYTES + len(key or b"") + len(value)

    def count(self, event: CountedEvent, number: int = 1) -> None:
        self.counts[event] += number
