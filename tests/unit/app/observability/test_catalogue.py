"""The catalogue of metrics, and the alerts that use it."""

import re
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.cli.bridge import metrics_of
from app.local.runner import metrics_urls
from app.observability.alert_metrics import AlertOutcome
from app.observability.catalogue import METRICS
from app.observability.metric import Exporter, Metric, MetricKind
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

ROOT = Path(__file__).parents[4]
KNOWN = {metric.name: metric for metric in METRICS}
OF_PROMETHEUS = {"job", "instance", "app", "le"}
VALUES = {
    "topic": set(Topics().all),
    "code": {*RejectCode, *RESPONSE_CODES},
    "channel": set(CHANNELS),
    "end": set(AlertOutcome),
}


def metric_of(name: str) -> Metric:
    """Return the metric that a series belongs to."""
    return KNOWN.get(name) or KNOWN[name.removesuffix("_bucket")]


def test_every_metric_has_a_unique_name_a_meaning_and_a_remedy() -> None:
    assert len(KNOWN) == len(METRICS) > 15
    for metric in METRICS:
        assert metric.meaning
        assert metric.remedy
        assert metric.exported_by
        assert metric.name.endswith("_total") == (metric.kind is MetricKind.COUNTER)
        assert bool(metric.buckets) == (metric.kind is MetricKind.HISTOGRAM)


def test_every_record_outcome_has_a_help_text() -> None:
    assert set(OUTCOME_HELP) == set(RecordOutcome)


def test_every_record_outcome_belongs_to_a_topic() -> None:
    assert set(RecordOutcome) <= set(chain(*OUTCOMES_BY_TOPIC.values()))
    assert all(hasattr(Topics(), topic) for topic in OUTCOMES_BY_TOPIC)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_uses_declared_metrics_and_has_a_runbook(rule: dict[str, Any]) -> None:
    expression = rule["expr"]
    assert expression.count("(") == expression.count(")")
    for name, selected in SELECTOR.findall(expression):
        labels = dict(re.findall(r'(\w+)="(.*?)"', selected))
        if name != "up":
            assert labels.keys() <= {*metric_of(name).labels, *OF_PROMETHEUS}
        assert all(value in VALUES[label] for label, value in labels.items() if label in VALUES)
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["runbook"].endswith(".")
    assert rule["labels"]["severity"] in {"page", "ticket"}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_groups_by_labels_that_its_metrics_have(rule: dict[str, Any]) -> None:
    metrics = [metric_of(name) for name, _ in SELECTOR.findall(rule["expr"]) if name != "up"]
    had = OF_PROMETHEUS.union(*(metric.labels for metric in metrics))
    grouped = re.findall(r"(?:by|on) \((.*?)\)", rule["expr"])
    assert {label.strip() for group in grouped for label in group.split(",")} <= had
    by = {label for group in re.findall(r"sum by \((.*?)\)", rule["expr"]) for label in re.split(r",\s*", group)}
    kept = by if "sum" in rule["expr"] else had
    assert set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])) <= kept


def test_the_stuck_alert_compares_lag_and_position_of_one_partition() -> None:
    """Both sides of the `and` have the same labels, so Prometheus compares each partition with itself."""
    (stuck,) = [rule for rule in rules() if rule["alert"] == "PartitionStuck"]
    lag, position = KNOWN["geovelocity_lag_records"], KNOWN["geovelocity_position"]
    assert (lag.labels, lag.exported_by) == (position.labels, position.exported_by)
    assert "geovelocity_lag_records > 0 and changes(geovelocity_position[1m]) == 0" in " ".join(stuck["expr"].split())


def test_prometheus_scrapes_every_process_and_loads_the_alerts() -> None:
    config = yaml.safe_load((PROMETHEUS / "prometheus.yaml").read_text(encoding="utf-8"))
    jobs = config["scrape_configs"][0]["static_configs"]
    scraped = {one["labels"]["app"]: f"http://{target}/metrics" for one in jobs for target in one["targets"]}
    assert scraped == metrics_urls(Ports())
    assert config["rule_files"] == ["alerts.yaml"]


def test_the_bridge_exports_every_response_code_from_the_start(tmp_path: Path) -> None:
    bridge = Bridge(DeviceRegistry(tmp_path / "devices.jsonl"), RecordingPublisher())
    bridge.answered["too-often"] += 3
    text = metrics_of(bridge).text().decode()
    assert 'geovelocity_bridge_answers_total{code="too-often"} 3.0' in text
    assert 'geovelocity_bridge_answers_total{code="broker-away"} 0.0' in text
    assert len(re.findall(r"^geovelocity_bridge_answers_total\{", text, re.MULTILINE)) == len(RESPONSE_CODES)
    assert all(one.name in text for one in METRICS if Exporter.BRIDGE in one.exported_by)


def test_every_rejection_of_the_bridge_has_a_response_code() -> None:
    sources = (ROOT / "sensor_logger_bridge").rglob("*.py")
    answered = {
        code
        for path in sources
        for code in re.findall(r'Unusable\(\s*[\w.]+,\s*"([a-z-]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(answered) > 5
    assert answered <= RESPONSE_CODES
