"""Limits on the number and the age of connections, without a network."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest

from sensor_logger_bridge.http.connection_limiter import (
    IDLE_TIMEOUT_S,
    PER_DEVICE_MAX,
    UNAUTHENTICATED_TIMEOUT_S,
    ConnectionLimiter,
    EvictionReason,
    network_of,
)


@dataclass(eq=False)
class FakeConnection:
    """A connection that records whether it was evicted."""

    number: int = field(default_factory=count(1).__next__)
    is_open: bool = True

    def evict(self) -> None:
        self.is_open = False


def opened(limiter: ConnectionLimiter, address: str, number: int = 1, at_s: float = 0.0) -> list[FakeConnection]:
    connections = [FakeConnection() for _ in range(number)]
    for connection in connections:
        limiter.opened(connection, address, at_s)
    return connections


def states(connections: list[FakeConnection]) -> list[bool]:
    return [connection.is_open for connection in connections]


def test_an_unauthenticated_connection_expires() -> None:
    limiter = ConnectionLimiter()
    early, late = *opened(limiter, "10.0.0.1"), *opened(limiter, "10.0.0.1", at_s=1.0)
    limiter.evict_expired(UNAUTHENTICATED_TIMEOUT_S - 0.1)
    assert states([early, late]) == [True, True]
    limiter.evict_expired(UNAUTHENTICATED_TIMEOUT_S + 0.1)
    assert states([early, late]) == [False, True]
    assert limiter.evicted == {EvictionReason.UNAUTHENTICATED: 1}


def test_every_known_token_restarts_the_idle_timeout() -> None:
    limiter = ConnectionLimiter()
    (phone,) = opened(limiter, "10.0.0.1")
    for at_s in (0.0, IDLE_TIMEOUT_S - 1, 2 * IDLE_TIMEOUT_S - 2):
        limiter.evict_expired(at_s)
        limiter.mark_authenticated(phone, "phone-1", at_s)
    limiter.evict_expired(3 * IDLE_TIMEOUT_S - 3)
    assert limiter.evicted.total() == 0
    limiter.evict_expired(3 * IDLE_TIMEOUT_S - 1)
    assert states([phone]) == [False]
    assert limiter.evicted == {EvictionReason.IDLE: 1}


def test_a_flood_from_one_address_evicts_only_itself() -> None:
    limiter = ConnectionLimiter(connections_max=40)
    others, phones = opened(limiter, "10.0.0.2", 5), opened(limiter, "10.0.0.1", 3)
    for number, phone in enumerate(phones):
        limiter.mark_authenticated(phone, f"phone-{number}", 0.0)
    flood = opened(limiter, "10.0.0.1", 500)
    assert states([*others, *phones]) == [True] * 8
    assert states(flood) == [False] * 490 + [True] * 10
    assert limiter.evicted == {EvictionReason.PER_ADDRESS_LIMIT: 490}


def test_a_flood_evicts_itself_before_any_authenticated_connection() -> None:
    limiter = ConnectionLimiter(connections_max=20)
    phones = opened(limiter, "10.0.0.1", 5)
    for number, phone in enumerate(phones):
        limiter.mark_authenticated(phone, f"phone-{number}", 0.0)
    flood = [
        connection for number in range(300) for connection in opened(limiter, f"10.1.{number // 256}.{number % 256}")
    ]
    assert states(phones) == [True] * 5
    assert sum(states(flood)) == limiter.unauthenticated_count == 15
    assert limiter.unauthenticated_count + limiter.authenticated_count == 20


def test_a_phone_that_authenticates_at_once_survives_any_flood() -> None:
    limiter = ConnectionLimiter(connections_max=20)
    for number in range(300):
        opened(limiter, f"10.1.{number // 256}.{number % 256}")
        (phone,) = opened(limiter, "10.0.0.1")
        limiter.mark_authenticated(phone, f"phone-{number}", 0.0)
        assert phone.is_open


def test_a_full_limiter_evicts_the_longest_idle_connection() -> None:
    limiter = ConnectionLimiter(connections_max=16)
    phones = [connection for number in range(16) for connection in opened(limiter, f"10.0.0.{number}")]
    for number, phone in enumerate(phones):
        limiter.mark_authenticated(phone, f"phone-{number}", number)
    limiter.mark_authenticated(phones[0], "phone-0", 20.0)
    opened(limiter, "10.0.1.1", at_s=21.0)
    assert states(phones) == [True, False, *[True] * 14]
    assert limiter.evicted == {EvictionReason.FULL: 1}


def test_one_device_has_a_limited_number_of_connections() -> None:
    limiter = ConnectionLimiter()
    connections = opened(limiter, "10.0.0.1", PER_DEVICE_MAX + 3)
    for connection in connections:
        limiter.mark_authenticated(connection, "phone-1", 0.0)
    assert states(connections) == [False] * 3 + [True] * PER_DEVICE_MAX
    assert limiter.evicted == {EvictionReason.PER_DEVICE_LIMIT: 3}


def test_a_proxied_connection_belongs_to_the_device_of_its_last_token() -> None:
    limiter = ConnectionLimiter()
    (proxied,) = opened(limiter, "10.0.0.1")
    for number in range(100):
        limiter.mark_authenticated(proxied, f"phone-{number}", 0.0)
    assert (proxied.is_open, limiter.authenticated_count) == (True, 1)


def test_a_closed_connection_is_not_counted_and_not_evicted() -> None:
    limiter = ConnectionLimiter()
    unauthenticated, phone = opened(limiter, "10.0.0.1", 2)
    limiter.mark_authenticated(phone, "phone-1", 0.0)
    for _ in range(2):
        limiter.closed(unauthenticated)
        limiter.closed(phone)
    limiter.mark_authenticated(phone, "phone-1", 0.0)
    limiter.evict_expired(1000.0)
    assert (limiter.unauthenticated_count, limiter.authenticated_count, limiter.evicted.total()) == (0, 0, 0)
    assert states([unauthenticated, phone]) == [True, True]


def addresses() -> Iterator[tuple[str, str]]:
    yield "10.0.0.1", "10.0.0.1"
    yield "::ffff:10.0.0.1", "10.0.0.1"
    yield "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"
    yield "fe80::1%eth0", "fe80::/64"
    yield "", ""


@pytest.mark.parametrize(("address", "network"), list(addresses()))
def test_an_ipv6_address_counts_as_its_network(address: str, network: str) -> None:
    assert network_of(address) == network
