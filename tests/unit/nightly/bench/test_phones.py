"""The condition under which a trial of the phones' benchmark passes."""

from tests.nightly.bench.load_generator import PushResults
from tests.nightly.bench.phones import Trial


def test_a_trial_passes_if_nearly_all_pushes_are_confirmed_in_time() -> None:
    def trial(kept: int, p99_ms: float) -> bool:
        results = PushResults(due=10_000, waited_ms=[p99_ms] * 101)
        results.answers["200"] = kept
        return Trial(100, 100.0, results, 50.0, 50.0, 0.5).passes

    assert trial(10_000, 999.0)
    assert not trial(10_000, 1000.0)
    assert not trial(9_900, 10.0)
