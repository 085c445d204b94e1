"""The rule reaches its goal on phones and cards that nobody has seen before."""

import os
import time

import pytest

from agents.rules.parameters import DEFAULT
from app.cli.scoreboard import Scores, evaluate
from app.simulate.confusion_matrix import failed_conditions
from app.simulate.label import ALL
from app.simulate.latency_evaluation import delay_row, evaluate_latency
from app.simulate.simulation import Plan
from tests.support.batch import POLICY

PAYMENTS = 40_000
DAY_S = 86_400


@pytest.mark.timeout(600)
def test_the_rule_reaches_its_goal_in_every_condition_with_the_seed_of_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it was tuned on, it was not this. To see more of a day's seed: `geovelocity scoreboard --seed N`."""
    for name in [name for name in os.environ if name.startswith("GEOVELOCITY_")]:
        monkeypatch.delenv(name)
    seed = int(time.time()) // DAY_S
    print(f"seed of the day: {seed}")
    scores = Scores()
    evaluate(Plan(seed=seed, payments=PAYMENTS), (DEFAULT.name,), scores, print)
    assert len(scores.labels) >= PAYMENTS
    complaints = failed_conditions(scores.tallies(DEFAULT.name))
    assert not complaints, "\n".join(complaints)


def test_most_suspicions_are_there_at_once_and_nearly_all_within_five_minutes() -> None:
    delays = evaluate_latency(Plan(seed=int(time.time()) // DAY_S, payments=850), POLICY)
    everything = delays.pop(ALL)
    assert len(everything) == sum(map(len, delays.values())) > 200
    assert sum(delay == 0 for delay in everything) / len(everything) > 0.65
    assert sum(delay <= 300 for delay in everything) / len(everything) > 0.95
    assert delay_row(delays["live 1 Hz"])[0] == str(len(delays["live 1 Hz"]))
