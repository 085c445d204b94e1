"""The declaration of a metric."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple


class MetricKind(StrEnum):
    """Types of metric, as Prometheus names them."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Exporter(StrEnum):
    """Processes that export metrics on `/metrics`."""

    DETECTOR = "detector"
    SINK = "sink"
    BRIDGE = "bridge"
    ALERT = "alert"
    CONSOLE = "console"


class Metric(NamedTuple):
    """One metric, with the same declaration in every process.

    `labels`: the values of each label, empty where they depend on the deployment. `remedy`: the operator's next step
    when the metric moves the wrong way. `buckets`: upper bounds of a histogram, ascending.
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
        """Help text for Prometheus."""
        return f"{self.meaning}. {self.remedy}."
