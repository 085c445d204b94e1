"""The lag estimator: unprocessed records and their age, from sampled offsets."""

import pytest

from app.api.live.lag_estimator import STALE_AFTER_S, LagEstimate, LagEstimator

NOW_S = 1_795_262_400.0
A, B = ("transactions", 0), ("locations", 1)


@pytest.mark.parametrize(
    ("samples", "committed", "lag"),
    [
        ([], {}, None),
        ([(0, {A: 5})], {}, None),
        ([(0, {A: 5})], {A: 5}, LagEstimate(0, 0.0)),
        ([(0, {A: 5, B: 9})], {A: 6}, LagEstimate(0, 0.0)),
        ([(-4, {A: 5}), (-2, {A: 8}), (0, {A: 9})], {A: 5}, LagEstimate(4, 2.0)),
        ([(-4, {A: 5, B: 0}), (-2, {A: 8, B: 0}), (0, {A: 9, B: 1})], {A: 8, B: 0}, LagEstimate(2, 0.0)),
        ([(-4, {A: 9}), (-2, {A: 9}), (0, {A: 9})], {A: 1}, LagEstimate(8, 4.0)),
        ([(-STALE_AFTER_S - 0.1, {A: 9})], {A: 1}, None),
    ],
    ids=[
        "no sample",
        "no detector",
        "no lag",
        "committed past the end",
        "two samples",
        "newest sample only",
        "all samples",
        "stale",
    ],
)
def test_the_lag_counts_unprocessed_records_and_their_time_since_the_first_sample(
    samples: list[tuple[float, dict[tuple[str, int], int]]],
    committed: dict[tuple[str, int], int],
    lag: LagEstimate | None,
) -> None:
    estimator = LagEstimator()
    for at_s, ends in samples:
        estimator.record(NOW_S + at_s, ends, committed)
    assert estimator.estimate(NOW_S) == lag
