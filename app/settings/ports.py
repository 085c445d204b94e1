"""Ports of the processes on one machine: the well-known ones, or a block of consecutive ports."""

from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True)
class Ports:
    """Port numbers of the local servers and of every process of this service, all on the loopback interface.

    The order of the fields is the order inside a block: append, never insert.
    """

    kafka: int = 9092
    kafka_controller: int = 9093
    elastic: int = 9200
    elastic_transport: int = 9300
    mongo: int = 27017
    bridge: int = 8100
    api: int = 8080
    detector_health: int = 8101
    mongo_health: int = 8102
    elastic_health: int = 8103
    bridge_metrics: int = 8104
    alert_health: int = 8106
    api_health: int = 8105

    @classmethod
    def from_base(cls, base: int) -> Self:
        """Return the block of consecutive ports that starts at `base`, in the order of the fields."""
        return cls(*range(base, base + len(fields(cls))))
