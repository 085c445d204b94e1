"""Topics: their names, keys, retention and content, each declared once in `TOPICS`.

Every topic of a deployment has the same number of partitions. The key is the device id in UTF-8.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

PARTITIONS: Final = 8


class Retention(StrEnum):
    """How long a topic keeps its records. The durations are in `app.provisioning.topics`."""

    RECORDS = "records"
    """Long enough to replay a week of payments and verdicts."""

    POSITIONS = "positions"
    """As long as an open payment may look back, because positions are personal data."""

    TICKS = "ticks"
    """A day, the shortest period with daily segments: a tick has no effect once it is read."""

    ERASURES = "erasures"
    """Longer than any record that is older than the request."""


class TopicSpec(NamedTuple):
    """Declaration of one topic. `name` is the default, which a deployment may change.

    `keyed`: records carry the device id as their key. `stored`: sinks copy its documents into the stores, so an erasure
    is announced on it. `append_time`: the broker sets each timestamp, not the producer.
    """

    name: str
    content: str
    retention: Retention = Retention.RECORDS
    keyed: bool = True
    stored: bool = False
    append_time: bool = False


TOPICS: Final[Mapping[str, TopicSpec]] = MappingProxyType(
    {
        "transactions": TopicSpec("transactions", "card payments, with card numbers"),
        "locations": TopicSpec("locations", "position fixes of phones", Retention.POSITIONS),
        "verdicts": TopicSpec("verdicts", "every revision of every verdict", stored=True),
        "suspects": TopicSpec("potential_fraud_transactions", "verdicts that are or were suspect", stored=True),
        "dead_letters": TopicSpec("dead_letters", "references to records that could not be used", keyed=False),
        "ticks": TopicSpec("ticks", "heartbeats that advance the detector's event time", Retention.TICKS, keyed=False),
        "erasures": TopicSpec("erasures", "requests to erase a device", Retention.ERASURES, append_time=True),
        "feedback": TopicSpec("feedback", "analysts' feedback on cases", stored=True),
    }
)
"""Every topic, by its attribute in `Topics`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """Names of the topics in one deployment."""

    transactions: str = TOPICS["transactions"].name
    locations: str = TOPICS["locations"].name
    verdicts: str = TOPICS["verdicts"].name
    suspects: str = TOPICS["suspects"].name
    dead_letters: str = TOPICS["dead_letters"].name
    ticks: str = TOPICS["ticks"].name
    erasures: str = TOPICS["erasures"].name
    feedback: str = TOPICS["feedback"].name

    @property
    def all(self) -> tuple[str, ...]:
        """Every name, in the order of `TOPICS`."""
        return tuple(getattr(self, field.name) for field in fields(self))

    @property
    def stored(self) -> tuple[str, ...]:
        """Names of the topics that sinks copy into the stores. The detector announces an erasure on each of them."""
        return tuple(getattr(self, topic) for topic, spec in TOPICS.items() if spec.stored)
