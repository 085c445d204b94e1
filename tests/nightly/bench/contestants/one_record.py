"""A batch of one record, for engines that deliver single records and keep the rows themselves."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from agents.batch import CountedEvent
from agents.state.erasure_tombstones import TOMBSTONES_KEY
from tests.nightly.bench.contestants.whole_job import Record, Sent


@dataclass(slots=True)
class OneRecord:
    """A batch like `agents.batch.Batch` over the rows of one device, without erasures and counts."""

    record: Record
    row: Callable[[bytes], bytes | None]
    put: Callable[[bytes, bytes | None], None]
    sent: list[Sent] = field(default_factory=list)

    @property
    def records(self) -> Iterable[Record]:
        return (self.record,)

    def get(self, key: bytes) -> bytes | None:
        return None if key == TOMBSTONES_KEY else self.row(key)

    def send(self, topic: str, key: bytes | None, value: bytes) -> None:
        self.sent.append(Sent(topic, key, value))

    def count(self, event: CountedEvent, number: int = 1) -> None:
        pass
