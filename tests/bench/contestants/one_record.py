"""A batch of one record, for engines that hand out their records one at a time and keep the rows themselves."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from agents.batch import Countable
from agents.forgotten import KEY as FORGOTTEN


class Taken(NamedTuple):
    """As `agents.batch.Record`."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


class Sent(NamedTuple):
    """What an agent has to say, and where."""

    topic: str
    key: bytes | None
    value: bytes


@dataclass(slots=True)
class OneRecord:
    """As `agents.batch.Batch`, over the rows of one device: nobody is forgotten, and nothing is counted."""

    record: Taken
    row: Callable[[bytes], bytes | None]
    put: Callable[[bytes, bytes | None], None]
    sent: list[Sent] = field(default_factory=list)

    @property
    def records(self) -> Iterable[Taken]:
        return (self.record,)

    def get(self, key: bytes) -> bytes | None:
        return None if key == FORGOTTEN else self.row(key)

    def send(self, topic: str, key: bytes | None, value: bytes) -> None:
        self.sent.append(Sent(topic, key, value))

    def count(self, what: Countable, number: int = 1) -> None:
        pass
