"""What is counted and measured, and what somebody is told of it."""

import re
from dataclasses import astuple
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.cli.bridge import metrics_of
from app.cli.metrics import metrics_document
from app.local.runner import metrics_urls
from app.observability.alert_metrics import AlertOutcome
from app.observability.catalogue import METRICS
from app.observability.metric import Exporter, Metric, MetricKind
from app.observability.outage import REPORT_AFTER_S, OutageTracker
from app.settings.alerts import CHANNELS
from app.settings.ports import Ports
from schemas.codes.record_outcome import OUTCOME_HELP, OUTCOMES_BY_TOPIC, RecordOutcome
from schemas.codes.reject import RejectCode
from schemas.topics import Topics
from sensor_logger_bridge.devices.registry import DeviceRegistry
from sensor_logger_bridge.http.response_codes import RESPONSE_CODES
from sensor_logger_bridge.server import Bridge
from tests.support.alerts import PROMETHEUS, SELECTOR, rules
from tests.support.bridge import RecordingPublisher

ROOT = Path(__file__).parent.parent.parent
KNOWN = {metric.name: metric for metric in METRICS}
OF_PROMETHEUS = {"job", "instance", "app", "le"}
VALUES = {
    "topic": set(astuple(Topics())),
    "code": {*RejectCode, *RESPONSE_CODES},
    "channel": set(CHANNELS),
    "end": set(AlertOutcome),
}


def metric_of(name: str) -> Metric:
    """The metric that a series belongs to."""
    return KNOWN.get(name) or KNOWN[name.removesuffix("_bucket")]


def test_each_metric_is_declared_once_with_its_meaning_and_what_to_do() -> None:
    assert len(KNOWN) == len(METRICS) > 15
    for metric in METRICS:
        assert metric.meaning
        assert metric.remedy
        assert metric.exported_by
        assert metric.name.endswith("_total") == (metric.kind is MetricKind.COUNTER)
        assert bool(metric.buckets) == (metric.kind is MetricKind.HISTOGRAM)


def test_the_list_of_metrics_is_true() -> None:
    assert (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8") == metrics_document()
    assert set(OUTCOME_HELP) == set(RecordOutcome)


def test_every_end_of_a_record_belongs_to_some_topic() -> None:
    assert set(RecordOutcome) <= set(chain(*OUTCOMES_BY_TOPIC.values()))
    assert all(hasattr(Topics(), topic) for topic in OUTCOMES_BY_TOPIC)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_there_is_and_says_what_to_do(rule: dict[str, Any]) -> None:
    expression = rule["expr"]
    assert expression.count("(") == expression.count(")")
    for name, asked in SELECTOR.findall(expression):
        labels = dict(re.findall(r'(\w+)="(.*?)"', asked))
        if name != "up":
            assert labels.keys() <= {*metric_of(name).labels, *OF_PROMETHEUS}
        assert all(value in VALUES[label] for label, value in labels.items() if label in VALUES)
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["runbook"].endswith(".")
    assert rule["labels"]["severity"] in {"page", "ticket"}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_groups_and_speaks_by_labels_that_its_metrics_have(rule: dict[str, Any]) -> None:
    metrics = [metric_of(name) for name, _ in SELECTOR.findall(rule["expr"]) if name != "up"]
    had = OF_PROMETHEUS.union(*(metric.labels for metric in metrics))
    grouped = re.findall(r"(?:by|on) \((.*?)\)", rule["expr"])
    assert {label.strip() for group in grouped for label in group.split(",")} <= had
    by = {label for group in re.findall(r"sum by \((.*?)\)", rule["expr"]) for label in re.split(r",\s*", group)}
    kept = by if "sum" in rule["expr"] else had
    assert set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])) <= kept


def test_a_partition_is_stuck_when_it_has_a_lag_and_its_position_does_not_move() -> None:
    """Both sides of the `and` have the same labels, so each partition is held against itself."""
    (stuck,) = [rule for rule in rules() if rule["alert"] == "PartitionStuck"]
    lag, position = KNOWN["geovelocity_lag_records"], KNOWN["geovelocity_position"]
    assert (lag.labels, lag.exported_by) == (position.labels, position.exported_by)
    assert "geovelocity_lag_records > 0 and changes(geovelocity_position[1m]) == 0" in " ".join(stuck["expr"].split())


def test_prometheus_is_told_of_every_process_and_of_the_alerts() -> None:
    config = yaml.safe_load((PROMETHEUS / "prometheus.yaml").read_text(encoding="utf-8"))
    told = config["scrape_configs"][0]["static_configs"]
    scraped = {one["labels"]["app"]: f"http://{target}/metrics" for one in told for target in one["targets"]}
    assert scraped == metrics_urls(Ports())
    assert config["rule_files"] == ["alerts.yaml"]


def test_the_bridge_tells_every_code_from_the_start_and_what_it_answered_so_often(tmp_path: Path) -> None:
    bridge = Bridge(DeviceRegistry(tmp_path / "devices.jsonl"), RecordingPublisher())
    bridge.answered["too-often"] += 3
    text = metrics_of(bridge).text().decode()
    assert 'geovelocity_bridge_answers_total{code="too-often"} 3.0' in text
    assert 'geovelocity_bridge_answers_total{code="broker-away"} 0.0' in text
    assert len(re.findall(r"^geovelocity_bridge_answers_total\{", text, re.MULTILINE)) == len(RESPONSE_CODES)
    assert all(one.name in text for one in METRICS if Exporter.BRIDGE in one.exported_by)


def test_every_code_that_the_bridge_answers_with_is_counted_from_zero() -> None:
    sources = (ROOT / "sensor_logger_bridge").rglob("*.py")
    answered = {
        code
        for path in sources
        for code in re.findall(r'Unusable\(\s*[\w.]+,\s*"([a-z-]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(answered) > 5
    assert answered <= RESPONSE_CODES


def test_a_store_that_is_away_is_told_of_when_that_lasts_and_no_longer_when_it_took_everything() -> None:
    away = OutageTracker()
    away.failed("verdicts", "it does not answer", 100.0)
    away.failed("suspects", "it does not answer", 103.0)
    assert (away.duration_s(104.0), away.message(104.0)) == (4.0, None)
    away.recovered("verdicts")
    assert away.message(103.0 + REPORT_AFTER_S + 1) == "nothing was stored for 6 s: it does not answer"
    away.recovered("suspects")
    assert (away.duration_s(200.0), away.message(200.0)) == (0.0, None)
