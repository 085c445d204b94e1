"""The metrics of one process, in the text format of Prometheus."""

from collections.abc import Collection, Iterator, Mapping
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest

from agents.batch import CountedEvent
from app.observability.catalogue import DEAD_LETTERS, FAULTS, METRICS, OUTCOMES, REMOVED, VERDICTS
from app.observability.metric import Exporter, Metric, MetricKind
from schemas.codes.fix_fault import FixFault
from schemas.codes.record_outcome import DEAD_LETTER, RecordOutcome
from schemas.codes.reject import RejectCode
from schemas.erasure import RemovedItem
from schemas.verdict import VerdictLabel

# Otherwise each counter gets a second series with its creation time, which no dashboard uses.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types here


class MetricsRegistry:
    """The values of all metrics since the process started."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._collectors: dict[str, Counter | Gauge | Histogram] = {}

    def bind(self, exporter: Exporter, outcomes: Mapping[str, Collection[str]]) -> None:
        """Create the counters and histograms of a process with value zero, because a rate needs a first value.

        `outcomes`: the possible outcomes of records, by topic that the process reads.
        """
        for metric in METRICS:
            if exporter in metric.exported_by and metric.kind is not MetricKind.GAUGE:
                collector = self._collector(metric)
                for labels in _series(metric, outcomes) if metric.labels else ():
                    collector.labels(**labels)

    def add(self, metric: Metric, number: float = 1, **labels: str) -> None:
        """Increase a counter."""
        collector = self._collector(metric)
        assert isinstance(collector, Counter)  # noqa: S101 - follows from its kind
        (collector.labels(**labels) if labels else collector).inc(number)

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Set a gauge."""
        collector = self._collector(metric)
        assert isinstance(collector, Gauge)  # noqa: S101 - follows from its kind
        (collector.labels(**labels) if labels else collector).set(value)

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Add a value to a histogram."""
        collector = self._collector(metric)
        assert isinstance(collector, Histogram)  # noqa: S101 - follows from its kind
        (collector.labels(**labels) if labels else collector).observe(value)

    def clear(self, metric: Metric) -> None:
        """Drop all series of a metric, for labels that may no longer exist, such as revoked partitions."""
        self._collector(metric).clear()

    def count_events(self, topic: str, counts: Mapping[CountedEvent, int]) -> None:
        """Add the events that were counted in records of a topic."""
        for event, number in counts.items():
            if isinstance(event, FixFault):
                self.add(FAULTS, number, fault=event)
            elif isinstance(event, VerdictLabel):
                self.add(VERDICTS, number, verdict=event.verdict, status=event.status)
            elif isinstance(event, RemovedItem):
                self.add(REMOVED, number, what=event)
            elif isinstance(event, RejectCode):
                self.add(DEAD_LETTERS, number, topic=topic, code=event)
                self.add(OUTCOMES, number, topic=topic, outcome=DEAD_LETTER)
            elif isinstance(event, RecordOutcome):
                self.add(OUTCOMES, number, topic=topic, outcome=event)

    def text(self) -> bytes:
        """Return the response body of a scrape."""
        return generate_latest(self._registry)

    def _collector(self, metric: Metric) -> Counter | Gauge | Histogram:
        collector = self._collectors.get(metric.name)
        if collector is None:
            collector = self._collectors[metric.name] = _create(metric, self._registry)
        return collector


def _series(metric: Metric, outcomes: Mapping[str, Collection[str]]) -> Iterator[dict[str, str]]:
    """Yield the labels of every series whose values are known in advance."""
    for topic in outcomes if "topic" in metric.labels else ("",):
        known = {**metric.labels, "topic": (topic,), "outcome": outcomes.get(topic, ())}
        for values in product(*(known[label] for label in metric.labels)):
            yield dict(zip(metric.labels, values, strict=True))


def _create(metric: Metric, registry: CollectorRegistry) -> Counter | Gauge | Histogram:
    labels = tuple(metric.labels)
    if metric.kind is MetricKind.COUNTER:
        return Counter(metric.name, metric.help, labels, registry=registry)
    if metric.kind is MetricKind.GAUGE:
        return Gauge(metric.name, metric.help, labels, registry=registry)
    return Histogram(metric.name, metric.help, labels, registry=registry, buckets=metric.buckets)
