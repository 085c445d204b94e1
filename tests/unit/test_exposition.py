"""What Prometheus reads of a process: everything from zero on, and what was counted since."""

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
from app.stream.source.consumer import Consumer
from app.stream.worker import StreamApp
from app.topology import SINKS
from schemas.codes.fix_fault import FixFault
from schemas.codes.record_outcome import DEAD_LETTER, OUTCOMES_BY_TOPIC, RecordOutcome
from schemas.codes.reject import RejectCode
from schemas.verdict import Outcome, Status, VerdictLabel
from tests.support.alerts import SELECTOR, rules
from tests.support.scrape import series


def closed(app: StreamApp) -> StreamApp:
    """The loop of its consumer's thread is opened with it, and closed only by what runs it."""
    Consumer.of(app)._thread.thread_loop.close()
    return app


async def at_start() -> dict[Exporter, MetricsRegistry]:
    settings = Settings(_env_file=None)
    return {
        Exporter.DETECTOR: closed(detector(settings)).metrics,
        Exporter.SINK: closed(sink_worker(SINKS[0], settings)).metrics,
        Exporter.ALERT: AlertService(settings, []).metrics,
    }


def test_what_was_counted_becomes_what_prometheus_reads() -> None:
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
    metrics.tell("transactions", counts)
    text = metrics.text().decode()
    for line in (
        "# HELP geovelocity_outcomes_total What became of these records",
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


async def test_every_counter_of_a_process_is_there_from_the_start_and_none_of_another() -> None:
    for teller, metrics in (await at_start()).items():
        metrics.forget(MASKING_KEY)  # a gauge that is known from the first moment on
        found = series(metrics.text().decode())
        assert set(found.values()) == {0.0}
        names = {name.removesuffix("_bucket") for name, _ in found if not name.endswith(("_sum", "_count"))}
        wanted = {
            metric.name for metric in METRICS if teller in metric.exported_by and metric.kind is not MetricKind.GAUGE
        }
        assert names == wanted


async def test_every_outcome_of_every_topic_is_there_from_the_start() -> None:
    told = await at_start()
    for teller, topics in (
        (
            Exporter.DETECTOR,
            {"locations": "locations", "transactions": "transactions", "ticks": "ticks", "erasures": "erasures"},
        ),
        (Exporter.SINK, {"verdicts": "verdicts", "suspects": "potential_fraud_transactions", "feedback": "feedback"}),
    ):
        labels = [
            dict(found) for name, found in series(told[teller].text().decode()) if name == "geovelocity_outcomes_total"
        ]
        wanted = [(name, end) for topic, name in topics.items() for end in OUTCOMES_BY_TOPIC[topic]]
        assert sorted((one["topic"], one["outcome"]) for one in labels) == sorted(wanted)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
async def test_what_an_alert_takes_a_rate_of_is_there_from_the_start(rule: dict[str, str]) -> None:
    """What begins with its first event has no rate then: the first refusal of a store would go unseen."""
    told = [series(metrics.text().decode()) for metrics in (await at_start()).values()]
    for name, asked in re.findall(rf"(?:rate|increase)\({SELECTOR.pattern}", rule["expr"]):
        wanted = set(re.findall(r'(\w+)="(.*?)"', asked))
        of_bridge = name == "geovelocity_bridge_answers_total"  # see test_metrics
        assert of_bridge or any(found == name and wanted <= labels for one in told for found, labels in one)


def test_what_is_rejected_ends_as_a_dead_letter() -> None:
    metrics = MetricsRegistry()
    metrics.tell("verdicts", {RejectCode.REFUSED_BY_STORE: 2, RejectCode.EMPTY: 1})
    ends = {labels: value for (name, labels), value in series(metrics.text().decode()).items() if "outcomes" in name}
    assert ends == {frozenset({("topic", "verdicts"), ("outcome", DEAD_LETTER)}): 3.0}
