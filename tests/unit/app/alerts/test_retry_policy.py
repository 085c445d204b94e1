"""The retry policy of alerts."""

import pytest

from app.alerts.retry_policy import MAX_DELAY_S, RetryPolicy


def test_delays_double_up_to_a_limit_with_jitter_in_the_upper_half() -> None:
    policy = RetryPolicy(1000, 1e9)
    assert [policy.delay_s(attempts, 0, None, 1.0) for attempts in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert [policy.delay_s(attempts, 0, None, 0.0) for attempts in (1, 2, 3)] == [0.5, 1, 2]
    assert policy.delay_s(999, 0, None, 1.0) == MAX_DELAY_S


@pytest.mark.parametrize(
    ("attempts", "elapsed_s", "retry_after_s", "expected"),
    [
        (2, 0.0, None, 2.0),
        (3, 0.0, None, None),
        (1, 59.0, None, 1.0),
        (1, 59.5, None, None),
        (1, 0.0, 7.0, 7.0),
        (1, 0.0, 0.1, 1.0),
        (1, 0.0, 61.0, None),
    ],
)
def test_retries_end_at_the_first_limit(
    attempts: int, elapsed_s: float, retry_after_s: float | None, expected: float | None
) -> None:
    assert RetryPolicy(3, 60.0).delay_s(attempts, elapsed_s, retry_after_s, 1.0) == expected
