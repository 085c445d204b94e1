"""Metric: what one is, wherever it is told."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple


class MetricKind(StrEnum):
    """As Prometheus names them."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Exporter(StrEnum):
    """Whose `/metrics` has it."""

    DETECTOR = "detector"
    SINK = "sink"
    BRIDGE = "bridge"
    ALERT = "alert"
    CONSOLE = "console"


class Metric(NamedTuple):
    """One metric, told in every process the same.

    `labels`: each with its values, where no deployment has others. `remedy`: what to do when it moves the wrong way.
    """

    name: str
    kind: MetricKind
    labels: Mapping[str, Iterable[str]]
    exported_by: tuple[Exporter, ...]
    meaning: str
    remedy: str
    buckets: tuple[float, ...] = ()

    @property
    def help(self) -> str:
        return f"{self.meaning}. {self.remedy}."
