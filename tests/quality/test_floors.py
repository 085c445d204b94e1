"""The rule reaches its goal on phones and cards that nobody has seen before."""

import os
import time

import pytest

from agents.rules.preset import DEFAULT
from app.cli.scoreboard import Scores, play
from app.simulate.simulation import Plan
from app.simulate.tally import below_floors

PAYMENTS = 20_000
DAY_S = 86_400


@pytest.mark.timeout(600)
def test_the_rule_reaches_its_goal_in_every_condition_with_the_seed_of_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it was tuned on, it was not this. To see more of a day's seed: `geovelocity scoreboard --seed N`."""
    for name in [name for name in os.environ if name.startswith("GEOVELOCITY_")]:
        monkeypatch.delenv(name)
    seed = int(time.time()) // DAY_S
    print(f"seed of the day: {seed}")
    scores = Scores()
    play(Plan(seed=seed, payments=PAYMENTS), (DEFAULT.name,), scores, print)
    assert len(scores.labels) >= PAYMENTS
    complaints = below_floors(scores.tallies(DEFAULT.name))
    assert not complaints, "\n".join(complaints)
