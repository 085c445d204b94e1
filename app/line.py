"""Line: what stands where a record of a topic would be, in a file or in a rehearsal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """As `agents.batch.Record`."""

    topic: str
    offset: int
    value: bytes
    partition: int = 0
    timestamp: int = 0
    key: bytes | None = None
