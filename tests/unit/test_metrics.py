"""What is counted and measured, and what somebody is told of it."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.batch import Countable
from app.cli.metrics import metrics_document
from app.metrics import METRICS, OUTCOMES, RECORDS, Kind, Metrics
from app.stream.away import TOLD_AFTER_S, Away
from schemas.fault import Fault
from schemas.reject import RejectCode
from schemas.tally import MEANINGS, Tally
from schemas.verdict import Outcome

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy" / "prometheus"
KNOWN = {metric.name: metric for metric in METRICS}
OF_PROMETHEUS = {"job", "instance", "app", "le"}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_each_metric_is_declared_once_with_its_meaning_and_what_to_do() -> None:
    assert len(KNOWN) == len(METRICS) > 15
    for metric in METRICS:
        assert metric.meaning
        assert metric.remedy
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
        assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)


def test_the_list_of_metrics_is_true() -> None:
    assert (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8") == metrics_document()
    assert set(MEANINGS) == set(Tally)


def test_what_agents_count_becomes_what_prometheus_reads() -> None:
    metrics = Metrics()
    counts: Counter[Countable] = Counter(
        {Tally.ANSWERED: 3, RejectCode.EMPTY: 2, Fault.MOCK: 5, Outcome.SUSPECT: 1, Tally.REPEATED: 4}
    )
    metrics.add(RECORDS, 9, topic="transactions")
    metrics.tell("transactions", counts)
    text = metrics.exposition().decode()
    for line in (
        'geovelocity_records_total{topic="transactions"} 9.0',
        'geovelocity_outcomes_total{outcome="answered",topic="transactions"} 3.0',
        'geovelocity_outcomes_total{outcome="repeated",topic="transactions"} 4.0',
        'geovelocity_outcomes_total{outcome="dead-letter",topic="transactions"} 2.0',
        'geovelocity_dead_letters_total{code="empty",topic="transactions"} 2.0',
        'geovelocity_fix_faults_total{fault="mock"} 5.0',
        'geovelocity_verdicts_total{verdict="suspect"} 1.0',
    ):
        assert line in text
    assert OUTCOMES.meaning in text


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_there_is_and_says_what_to_do(rule: dict[str, Any]) -> None:
    named = set(re.findall(r"geovelocity_[a-z_]+", rule["expr"]))
    for name in named:
        metric = KNOWN.get(name) or KNOWN[name.removesuffix("_bucket")]
        asked = re.search(re.escape(name) + r"\{(.*?)\}", rule["expr"])
        labels = set(re.findall(r"(\w+)=", asked.group(1))) if asked else set()
        assert labels <= {*metric.labels, *OF_PROMETHEUS}
    grouped = {
        label.strip() for group in re.findall(r"(?:by|on) \((.*?)\)", rule["expr"]) for label in group.split(",")
    }
    assert grouped <= {label for name in named for label in KNOWN.get(name, METRICS[0]).labels} | OF_PROMETHEUS
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["runbook"].endswith(".")
    assert rule["labels"]["severity"] in {"page", "ticket"}


def test_prometheus_is_told_of_every_process_and_of_the_alerts() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus.yaml").read_text(encoding="utf-8"))
    apps = {target["labels"]["app"] for target in config["scrape_configs"][0]["static_configs"]}
    assert apps == {"detector", "sink-mongo", "sink-elastic", "bridge"}
    assert config["rule_files"] == ["alerts.yaml"]


def test_a_store_that_is_away_is_told_of_when_that_lasts_and_no_longer_when_it_took_everything() -> None:
    away = Away()
    away.refused("verdicts", "it does not answer", 100.0)
    away.refused("suspects", "it does not answer", 103.0)
    assert (away.lasts_s(104.0), away.complaint(104.0)) == (4.0, None)
    away.took("verdicts")
    assert away.complaint(103.0 + TOLD_AFTER_S + 1) == "nothing was stored for 6 s: it does not answer"
    away.took("suspects")
    assert (away.lasts_s(200.0), away.complaint(200.0)) == (0.0, None)
