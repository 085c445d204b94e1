"""The limiter limit of a device."""

from sensor_logger_bridge.http.rate_limiter import BURST, PER_S, TokenBucket


def test_a_device_may_send_a_burst_and_then_a_constant_rate() -> None:
    limiter = TokenBucket()
    assert [limiter.try_acquire("a", 0.0) for _ in range(int(BURST) + 1)] == [True] * int(BURST) + [False]
    assert limiter.try_acquire("a", 1 / PER_S)
    assert not limiter.try_acquire("a", 1 / PER_S)
    assert limiter.try_acquire("b", 0.0)
