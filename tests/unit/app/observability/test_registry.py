"""The series that Prometheus reads from a process."""

import re
from collections import Counter

import pytest

from agents.batch import CountedEvent
from app.alerts.service import AlertService
from app.main import detector, sink_worker
from app.observability.catalogue import MASKING_KEY, METRICS, RECORDS
from app.observability.metric import Exporter, MetricKind
from app.observability.registry import MetricsRegistry
from app.settings import Settings
from app.topology import SINKS
from schemas.codes.fix_fault import FixFault
from schemas.codes.record_outcome import DEAD_LETTER, OUTCOMES_BY_TOPIC, RecordOutcome
from schemas.codes.reject import RejectCode
from schemas.verdict import Outcome, Status, VerdictLabel
from tests.support.alerts import SELECTOR, rules
from tests.support.scrape import series
from tests.support.worker import without_broker


async def at_start() -> dict[Exporter, MetricsRegistry]:
    settings = Settings(_env_file=None)
    return {
        Exporter.DETECTOR: without_broker(detector(settings)).metrics,
        Exporter.SINK: without_broker(sink_worker(SINKS[0], settings)).metrics,
        Exporter.ALERT: AlertService(settings, []).metrics,
    }


def test_counted_events_become_series() -> None:
    metrics = MetricsRegistry()
    counts: Counter[CountedEvent] = Counter(
        {
            RecordOutcome.ANSWERED: 3,
            RejectCode.EMPTY: 2,
            FixFault.MOCK: 5,
            VerdictLabel(Outcome.SUSPECT, Status.FINAL): 1,
            VerdictLabel(Outcome.SUSPECT, Status.PROVISIONAL): 6,
            RecordOutcome.REPEATED: 4,
        }
    )
    metrics.add(RECORDS, 9, topic="transactions")
    metrics.count_events("transactions", counts)
    text = metrics.text().decode()
    for line in (
        "# HELP geovelocity_outcomes_total Outcomes of these records",
        'geovelocity_records_total{topic="transactions"} 9.0',
        'geovelocity_outcomes_total{outcome="answered",topic="transactions"} 3.0',
        'geovelocity_outcomes_total{outcome="repeated",topic="transactions"} 4.0',
        'geovelocity_outcomes_total{outcome="dead-letter",topic="transactions"} 2.0',
        'geovelocity_dead_letters_total{code="empty",topic="transactions"} 2.0',
        'geovelocity_fix_faults_total{fault="mock"} 5.0',
        'geovelocity_verdicts_total{status="final",verdict="suspect"} 1.0',
        'geovelocity_verdicts_total{status="provisional",verdict="suspect"} 6.0',
    ):
        assert line in text


async def test_a_process_exports_its_counters_from_the_start_and_no_others() -> None:
    for exporter, metrics in (await at_start()).items():
        metrics.clear(MASKING_KEY)  # a gauge that is exported from the start
        found = series(metrics.text().decode())
        assert set(found.values()) == {0.0}
        names = {name.removesuffix("_bucket") for name, _ in found if not name.endswith(("_sum", "_count"))}
        wanted = {
            metric.name for metric in METRICS if exporter in metric.exported_by and metric.kind is not MetricKind.GAUGE
        }
        assert names == wanted


async def test_every_outcome_of_every_topic_is_exported_from_the_start() -> None:
    registries = await at_start()
    for exporter, topics in (
        (
            Exporter.DETECTOR,
            {"locations": "locations", "transactions": "transactions", "ticks": "ticks", "erasures": "erasures"},
        ),
        (Exporter.SINK, {"verdicts": "verdicts", "suspects": "potential_fraud_transactions", "feedback": "feedback"}),
    ):
        labels = [
            dict(found)
            for name, found in series(registries[exporter].text().decode())
            if name == "geovelocity_outcomes_total"
        ]
        wanted = [(name, end) for topic, name in topics.items() for end in OUTCOMES_BY_TOPIC[topic]]
        assert sorted((one["topic"], one["outcome"]) for one in labels) == sorted(wanted)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
async def test_a_series_in_a_rate_of_an_alert_is_exported_from_the_start(rule: dict[str, str]) -> None:
    """A series that starts with its first event has no rate then, so the alert would miss the first event."""
    exported = [series(metrics.text().decode()) for metrics in (await at_start()).values()]
    for name, selected in re.findall(rf"(?:rate|increase)\({SELECTOR.pattern}", rule["expr"]):
        wanted = set(re.findall(r'(\w+)="(.*?)"', selected))
        of_bridge = name == "geovelocity_bridge_answers_total"  # see test_catalogue
        assert of_bridge or any(found == name and wanted <= labels for one in exported for found, labels in one)


def test_a_rejected_record_has_the_outcome_dead_letter() -> None:
    metrics = MetricsRegistry()
    metrics.count_events("verdicts", {RejectCode.REFUSED_BY_STORE: 2, RejectCode.EMPTY: 1})
    ends = {labels: value for (name, labels), value in series(metrics.text().decode()).items() if "outcomes" in name}
    assert ends == {frozenset({("topic", "verdicts"), ("outcome", DEAD_LETTER)}): 3.0}
