"""Exposition: the metrics of one process, as Prometheus reads them."""

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

# One more series for each counter, for a time that nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types here


class MetricsRegistry:
    """What a process has counted and measured since it began."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._made: dict[str, Counter | Gauge | Histogram] = {}

    def bind(self, teller: Exporter, outcomes: Mapping[str, Collection[str]]) -> None:
        """Shows the counters and histograms of a process with zero: a rate needs a first value to grow from.

        `outcomes`: by topic that is read, what may become of its records.
        """
        for metric in METRICS:
            if teller in metric.exported_by and metric.kind is not MetricKind.GAUGE:
                made = self._of(metric)
                for labels in _series(metric, outcomes) if metric.labels else ():
                    made.labels(**labels)

    def add(self, metric: Metric, number: float = 1, **labels: str) -> None:
        made = self._of(metric)
        assert isinstance(made, Counter)  # noqa: S101 - by its kind
        (made.labels(**labels) if labels else made).inc(number)

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        made = self._of(metric)
        assert isinstance(made, Gauge)  # noqa: S101 - by its kind
        (made.labels(**labels) if labels else made).set(value)

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        made = self._of(metric)
        assert isinstance(made, Histogram)  # noqa: S101 - by its kind
        (made.labels(**labels) if labels else made).observe(value)

    def forget(self, metric: Metric) -> None:
        """What is known by labels that may be gone, as partitions that others have now."""
        self._of(metric).clear()

    def tell(self, topic: str, counts: Mapping[CountedEvent, int]) -> None:
        """Adds what was counted in records of a topic."""
        for what, number in counts.items():
            if isinstance(what, FixFault):
                self.add(FAULTS, number, fault=what)
            elif isinstance(what, VerdictLabel):
                self.add(VERDICTS, number, verdict=what.verdict, status=what.status)
            elif isinstance(what, RemovedItem):
                self.add(REMOVED, number, what=what)
            elif isinstance(what, RejectCode):
                self.add(DEAD_LETTERS, number, topic=topic, code=what)
                self.add(OUTCOMES, number, topic=topic, outcome=DEAD_LETTER)
            elif isinstance(what, RecordOutcome):
                self.add(OUTCOMES, number, topic=topic, outcome=what)

    def text(self) -> bytes:
        """The answer to a scrape."""
        return generate_latest(self._registry)

    def _of(self, metric: Metric) -> Counter | Gauge | Histogram:
        made = self._made.get(metric.name)
        if made is None:
            made = self._made[metric.name] = _make(metric, self._registry)
        return made


def _series(metric: Metric, outcomes: Mapping[str, Collection[str]]) -> Iterator[dict[str, str]]:
    """The labels of every series that is known beforehand."""
    for topic in outcomes if "topic" in metric.labels else ("",):
        known = {**metric.labels, "topic": (topic,), "outcome": outcomes.get(topic, ())}
        for values in product(*(known[label] for label in metric.labels)):
            yield dict(zip(metric.labels, values, strict=True))


def _make(metric: Metric, registry: CollectorRegistry) -> Counter | Gauge | Histogram:
    labels = tuple(metric.labels)
    if metric.kind is MetricKind.COUNTER:
        return Counter(metric.name, metric.help, labels, registry=registry)
    if metric.kind is MetricKind.GAUGE:
        return Gauge(metric.name, metric.help, labels, registry=registry)
    return Histogram(metric.name, metric.help, labels, registry=registry, buckets=metric.buckets)
