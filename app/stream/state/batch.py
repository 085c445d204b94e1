"""The batch an agent is given: records, rows read once and written once, outputs."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from agents.batch import CountedEvent, Record
from app.stream.output.producer import RECORD_OVERHEAD_BYTES, Message

WEIGHT_MAX_BYTES: Final = 6 << 20
"""A batch takes no further record when rows and mark together may weigh this much."""


class SourceBatch:
    """Records of one partition. Rows and outputs are held here until the batch is written.

    Its weight bounds what will be written: a row grows by less than the record that makes it grow, and outputs count
    as they are, since the mark holds them too.
    """

    def __init__(self, records: Sequence[Record], rows: Mapping[bytes, bytes]) -> None:
        self.changed: dict[bytes, bytes | None] = {}
        self.outputs: defaultdict[str, list[Message]] = defaultdict(list)
        self.counts: Counter[CountedEvent] = Counter()
        self.taken = 0
        self._records = records
        self._rows = rows
        self._weight_bytes = 0

    @property
    def next_offset(self) -> int:
        """Everything below it is in this batch or in one before."""
        return self._records[self.taken - 1].offset + 1

    @property
    def full(self) -> bool:
        """It must not become heavier."""
        return self._weight_bytes > WEIGHT_MAX_BYTES

    @property
    def records(self) -> Iterator[Record]:
        for record in self._records:
            if self._weight_bytes > WEIGHT_MAX_BYTES:  # as `full`, a call less for each record
                return
            self.taken += 1
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

    def count(self, what: CountedEvent, number: int = 1) -> None:
        self.counts[what] += number
