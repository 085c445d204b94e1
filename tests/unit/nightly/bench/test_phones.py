"""The condition under which a trial of the phones' benchmark passes."""

from tests.nightly.bench.crowd import Met
from tests.nightly.bench.phones import Trial


def test_a_trial_passes_if_nearly_all_pushes_are_confirmed_in_time() -> None:
    def trial(kept: int, p99_ms: float) -> bool:
        met = Met(due=10_000, waited_ms=[p99_ms] * 101)
        met.answers["200"] = kept
        return Trial(100, 100.0, met, 50.0, 50.0, 0.5).is_borne

    assert trial(10_000, 999.0)
    assert not trial(10_000, 1000.0)
    assert not trial(9_900, 10.0)
