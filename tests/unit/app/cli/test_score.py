"""`geovelocity score` and `scoreboard`: accuracy of verdicts."""

import json
from pathlib import Path

import pytest

from tests.support.invoke import far, judge, run
from tests.support.make import payment, push


def test_verdicts_are_scored_by_condition(files: Path) -> None:
    labels = {
        "tx-1": {"impossible": True, "condition": "live"},
        "tx-2": {"impossible": False, "condition": "live"},
        "tx-3": {"impossible": True, "condition": "gap"},
        "tx-9": {"impossible": False, "condition": "gap"},
    }
    judge(files, [push()], [far(1, 900_000), payment(2), payment(3)])
    (files / "labels.json").write_text(json.dumps(labels))
    result = run("score", "--labels", "labels.json", "--verdicts", "v.jsonl")
    rows = [line.split("│") for line in result.output.splitlines() if "│" in line]
    table = {row[1].strip(): [cell.strip() for cell in row[2:8]] for row in rows}
    assert table["live"] == ["2", "1.0000 (1/1)", "0.0000 (0/1)", "1.0000 (1/1)", "0.0000 (0/2)", "0"]
    assert table["gap"][1] == "0.0000 (0/1)"
    assert table["all"] == ["4", "0.5000 (1/2)", "0.0000 (0/2)", "1.0000 (1/1)", "0.0000 (0/4)", "1"]


def test_a_missed_goal_names_its_condition_and_exits_with_1(files: Path) -> None:
    labels = {"tx-1": {"impossible": True, "condition": "live"}, "tx-2": {"impossible": True, "condition": "gap"}}
    (files / "labels.json").write_text(json.dumps(labels))
    judge(files, [push()], [far(1, 900_000), payment(2)])
    options = ("--labels", "labels.json", "--verdicts", "v.jsonl")
    assert run("score", *options).exit_code == 0
    result = run("score", *options, "--floors")
    assert result.exit_code == 1
    assert "gap: recall 0.0000 is below 0.995" in result.stderr
    assert "live: " not in result.stderr


def test_a_simulation_is_judged_and_scored_without_false_flags(files: Path) -> None:
    conditions = ("--condition", "live 1 Hz", "--condition", "gap 5 min")
    made = run("simulate", "--out", "made", "--seed", "4", "--payments", "120", *conditions)
    assert made.exit_code == 0, made.output
    assert {path.name for path in (files / "made").iterdir()} == {
        "locations.jsonl",
        "transactions.jsonl",
        "labels.json",
    }
    inputs = ("--locations", "made/locations.jsonl", "--transactions", "made/transactions.jsonl")
    assert run("judge", *inputs, "--out", "v.jsonl").exit_code == 0
    result = run("score", "--labels", "made/labels.json", "--verdicts", "v.jsonl")
    rows = {line.split("│")[1].strip(): line.split("│") for line in result.output.splitlines() if "│" in line}
    assert rows.keys() == {"live 1 Hz", "gap 5 min", "all"}
    assert all("0.0000 (0/" in row[4] and row[7].strip() == "0" for row in rows.values())


@pytest.mark.slow
def test_the_scoreboard_has_both_presets_a_verdict_and_a_picture(files: Path) -> None:
    result = run("scoreboard", "--seed", "3", "--payments", "340", "--picture", "docs/recall.svg")
    assert "preset default" in result.stdout
    assert "preset paper" in result.stdout
    assert result.stdout.count("live 1 Hz") >= 2
    reached = "preset default reaches the goal in every condition" in result.stdout
    assert result.exit_code == (0 if reached else 1)
    assert reached is ("below the goal" not in result.stdout)
    assert "seeds 3\n" in result.stderr
    assert (files / "docs" / "recall.svg").read_text().startswith("<svg")


def test_an_invalid_file_of_labels_is_reported_in_one_line(files: Path) -> None:
    (files / "labels.json").write_text("[]")
    (files / "v.jsonl").write_text("")
    result = run("score", "--labels", "labels.json", "--verdicts", "v.jsonl")
    assert "labels.json is not a file of labels" in str(result.exception)
