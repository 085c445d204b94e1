"""Floors of detection quality: the rule reaches its goals on simulated phones and cards.

The seeds that gate a merge are fixed. `make nightly` runs the same tests with random ones.
"""

import os

import pytest

from agents.rules.parameters import DEFAULT
from app.cli.scoreboard import Scores, evaluate
from app.simulate.confusion_matrix import failed_conditions
from app.simulate.label import ALL
from app.simulate.latency_evaluation import delay_row, evaluate_latency
from app.simulate.simulation import Plan
from tests.support.batch import CONTEXT
from tests.support.seeds import seed_of_test

PAYMENTS = 40_000


@pytest.mark.timeout(600)
def test_the_rule_reaches_its_goal_in_every_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    """To see more of a seed: `geovelocity scoreboard --seed N`."""
    for name in [name for name in os.environ if name.startswith("GEOVELOCITY_")]:
        monkeypatch.delenv(name)
    scores = Scores()
    evaluate(Plan(seed=seed_of_test(20261201), payments=PAYMENTS), (DEFAULT.name,), scores, print)
    assert len(scores.labels) >= PAYMENTS
    failed = failed_conditions(scores.matrices(DEFAULT.name))
    assert not failed, "\n".join(failed)


def test_most_suspects_appear_at_once_and_nearly_all_within_five_minutes() -> None:
    delays = evaluate_latency(Plan(seed=seed_of_test(20261201), payments=850), CONTEXT)
    everything = delays.pop(ALL)
    assert len(everything) == sum(map(len, delays.values())) > 200
    assert sum(delay == 0 for delay in everything) / len(everything) > 0.65
    assert sum(delay <= 300 for delay in everything) / len(everything) > 0.95
    assert delay_row(delays["live 1 Hz"])[0] == str(len(delays["live 1 Hz"]))
