"""Sessions of a simulation: the shares of conditions and the end of a live run."""

from collections import Counter

import pytest

from app.simulate.conditions import CONDITIONS
from app.simulate.simulation import Plan, arrivals, live, sessions


def test_conditions_have_equal_shares() -> None:
    shares = Counter[str]()
    for _, one in sessions(Plan(seed=1, payments=1020)):
        shares[one.condition] += len(one.paid)
    assert set(shares) == set(CONDITIONS)
    assert all(60 <= share <= 70 for share in shares.values())


@pytest.mark.parametrize("seconds", [5, 20, 60])
def test_a_live_simulation_ends_on_time(seconds: int) -> None:
    plan = live(3, seconds, 200, max(1, seconds // 5), tuple(CONDITIONS.values()))
    moments_ms = [arrival.arrives_ms - plan.start_ms for arrival in arrivals(sessions(plan))]
    assert moments_ms == sorted(moments_ms)
    assert 0 < moments_ms[0] < moments_ms[-1] <= 1000 * (seconds + 7)
