"""Network models of a simulation: the order and the delay of pushes."""

from random import Random

from app.simulate.network import LATEST_MS, delayed, on_time
from tests.support.simulated import simulated_fixes


def test_on_time_pushes_arrive_in_order_within_seconds() -> None:
    for seed in range(5):
        deliveries = on_time(simulated_fixes(), Random(seed))
        assert [fix for delivery in deliveries for fix in delivery.fixes] == simulated_fixes()
        assert all(0 < delivery.arrives_ms - delivery.fixes[-1].at_ms < 2_000 for delivery in deliveries)


def test_delayed_pushes_arrive_in_any_order_up_to_an_hour_late() -> None:
    deliveries = delayed(simulated_fixes(), Random(1))
    delays_ms = [delivery.arrives_ms - delivery.fixes[-1].at_ms for delivery in deliveries]
    assert 3_000_000 < max(delays_ms) <= LATEST_MS
    assert min(delays_ms) >= 0
    moments = [delivery.fixes[0].at_ms for delivery in sorted(deliveries)]
    assert moments != sorted(moments)
    assert {fix for delivery in deliveries for fix in delivery.fixes} == set(simulated_fixes())
    assert 1.1 < len(moments) / len(set(moments)) < 1.2
