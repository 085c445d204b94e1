"""Confusion matrix: counts by condition, the goal, and the recall chart."""

import json
from xml.etree import ElementTree as ET

import pytest

from app.errors import ConfigurationError
from app.simulate.confusion_matrix import COLUMNS, ConfusionMatrix, confusion_matrices, failed_conditions, read_outcomes
from app.simulate.label import Label, encode_labels
from app.simulate.recall_chart import Curve, curve, recall_chart
from schemas.verdict import Outcome


def counted(*payments: tuple[bool, Outcome | None], distance_m: float | None = None) -> ConfusionMatrix:
    counts = ConfusionMatrix()
    for impossible, outcome in payments:
        counts.add(Label(impossible, distance_m=distance_m), outcome)
    return counts


def test_each_condition_and_their_sum_is_counted() -> None:
    labels = {
        "a": Label(impossible=True, condition="live", distance_m=700.0),
        "b": Label(impossible=True, condition="live", distance_m=400.0),
        "c": Label(impossible=False, condition="gap", distance_m=20.0),
        "d": Label(impossible=False, condition="gap"),
    }
    tallies = confusion_matrices(labels, {"a": Outcome.SUSPECT, "b": Outcome.CLEAR, "c": Outcome.SUSPECT})
    assert list(tallies) == ["gap", "live", "all"]
    assert (tallies["live"].recall, tallies["live"].false_flags) == (0.5, 0.0)
    assert (tallies["gap"].false_flags, tallies["gap"].unanswered) == (0.5, 1)
    assert tallies["all"].row == (
        *("4", "0.5000 (1/2)", "0.5000 (1/2)", "0.5000 (1/2)", "0.0000 (0/4)", "1"),
        *("700 m", "400 m"),
    )
    assert len(tallies["all"].row) == len(COLUMNS) - 1


def test_a_row_without_distances_has_dashes() -> None:
    assert counted((True, Outcome.SUSPECT), (True, Outcome.CLEAR)).row[-2:] == ("-", "-")


def test_the_goal_holds_at_its_limit_and_fails_beyond_it() -> None:
    caught, missed = (True, Outcome.SUSPECT), (True, Outcome.CLEAR)
    cleared, accused = (False, Outcome.CLEAR), (False, Outcome.SUSPECT)
    edge = counted(*[caught] * 199, missed, *[cleared] * 499, accused)
    assert failed_conditions({"live": edge}) == []
    assert failed_conditions({"live": counted(*[caught] * 198, missed)}) == ["live: recall 0.9950 is below 0.995"]
    assert failed_conditions({"gap": counted(*[cleared] * 498, accused)}) == ["gap: false flags 0.0020 are above 0.002"]


def test_a_payment_without_a_verdict_fails_the_goal() -> None:
    assert failed_conditions({"live": counted((False, None))}) == ["live: 1 payments have no verdict"]


def test_the_highest_revision_counts_at_any_line() -> None:
    lines = [
        json.dumps({"transaction_id": "a", "verdict": verdict, "revision": revision}).encode()
        for verdict, revision in (("clear", 1), ("suspect", 3), ("not_evaluable", 2))
    ]
    assert read_outcomes([*lines, b"\n"]) == {"a": Outcome.SUSPECT}
    with pytest.raises(ConfigurationError, match="line 2"):
        read_outcomes([lines[0], b"{}"])


def test_labels_are_written_as_json() -> None:
    labels = {"a": Label(True, "live", 700.0, True), 'b"': Label(False)}
    written = json.loads(encode_labels(labels))
    assert written["a"] == {"impossible": True, "condition": "live", "distance_m": 700.0, "stolen": True}
    assert set(written) == set(labels)


def test_a_curve_has_the_recall_by_distance() -> None:
    counts = ConfusionMatrix()
    for away_m, outcome in ((310.0, Outcome.SUSPECT), (320.0, Outcome.CLEAR), (700_000.0, Outcome.SUSPECT)):
        counts.add(Label(True, distance_m=away_m), outcome)
    near, far = curve("default", counts).points
    assert (near[1], far[1]) == (0.5, 1.0)
    assert 300 < near[0] < 500
    assert 490_000 < far[0] < 800_000


def test_the_chart_has_a_line_and_a_label_for_each_curve() -> None:
    curves = [
        Curve("default", 0.998, 0.0005, ((320.0, 0.95), (1_000.0, 1.0), (790_000.0, 1.0))),
        Curve("paper <old>", 0.99, 0.72, ((320.0, 0.72), (790_000.0, 0.99))),
    ]
    drawn = ET.fromstring(recall_chart(curves))
    space = {"svg": "http://www.w3.org/2000/svg"}
    lines = drawn.findall("svg:polyline", space)
    texts = [text.text for text in drawn.findall("svg:text", space)]
    width, height = map(float, drawn.attrib["viewBox"].split()[2:])
    assert len(lines) == 2
    for line in lines:
        places = [tuple(map(float, place.split(","))) for place in line.attrib["points"].split()]
        assert places == sorted(places)
        assert all(0 < x < width and 0 < y < height for x, y in places)
    assert "default: flags 99.80 %, and 0.05 % of honest ones" in texts
    assert any(text and text.startswith("paper <old>") for text in texts)
    assert {"300 m", "800 km", "70 %", "100 %"} <= set(texts)
