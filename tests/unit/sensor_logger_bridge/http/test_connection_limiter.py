"""Who is let in, and for how long: without any network."""

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
class Caller:
    """Somebody at the door."""

    number: int = field(default_factory=count(1).__next__)
    inside: bool = True

    def evict(self) -> None:
        self.inside = False


def come(door: ConnectionLimiter, address: str, number: int = 1, at_s: float = 0.0) -> list[Caller]:
    callers = [Caller() for _ in range(number)]
    for caller in callers:
        door.opened(caller, address, at_s)
    return callers


def inside(callers: list[Caller]) -> list[bool]:
    return [caller.inside for caller in callers]


def test_an_unauthenticated_connection_expires() -> None:
    door = ConnectionLimiter()
    early, late = *come(door, "10.0.0.1"), *come(door, "10.0.0.1", at_s=1.0)
    door.evict_expired(UNAUTHENTICATED_TIMEOUT_S - 0.1)
    assert inside([early, late]) == [True, True]
    door.evict_expired(UNAUTHENTICATED_TIMEOUT_S + 0.1)
    assert inside([early, late]) == [False, True]
    assert door.evicted == {EvictionReason.UNAUTHENTICATED: 1}


def test_every_known_token_restarts_the_idle_timeout() -> None:
    door = ConnectionLimiter()
    (phone,) = come(door, "10.0.0.1")
    for at_s in (0.0, IDLE_TIMEOUT_S - 1, 2 * IDLE_TIMEOUT_S - 2):
        door.evict_expired(at_s)
        door.mark_authenticated(phone, "phone-1", at_s)
    door.evict_expired(3 * IDLE_TIMEOUT_S - 3)
    assert door.evicted.total() == 0
    door.evict_expired(3 * IDLE_TIMEOUT_S - 1)
    assert inside([phone]) == [False]
    assert door.evicted == {EvictionReason.IDLE: 1}


def test_a_flood_from_one_address_evicts_only_itself() -> None:
    door = ConnectionLimiter(connections_max=40)
    others, phones = come(door, "10.0.0.2", 5), come(door, "10.0.0.1", 3)
    for number, phone in enumerate(phones):
        door.mark_authenticated(phone, f"phone-{number}", 0.0)
    crowd = come(door, "10.0.0.1", 500)
    assert inside([*others, *phones]) == [True] * 8
    assert inside(crowd) == [False] * 490 + [True] * 10
    assert door.evicted == {EvictionReason.PER_ADDRESS_LIMIT: 490}


def test_a_flood_evicts_itself_before_any_authenticated_connection() -> None:
    door = ConnectionLimiter(connections_max=20)
    phones = come(door, "10.0.0.1", 5)
    for number, phone in enumerate(phones):
        door.mark_authenticated(phone, f"phone-{number}", 0.0)
    flood = [caller for number in range(300) for caller in come(door, f"10.1.{number // 256}.{number % 256}")]
    assert inside(phones) == [True] * 5
    assert sum(inside(flood)) == door.unauthenticated_count == 15
    assert door.unauthenticated_count + door.authenticated_count == 20


def test_a_phone_that_authenticates_at_once_survives_any_flood() -> None:
    door = ConnectionLimiter(connections_max=20)
    for number in range(300):
        come(door, f"10.1.{number // 256}.{number % 256}")
        (phone,) = come(door, "10.0.0.1")
        door.mark_authenticated(phone, f"phone-{number}", 0.0)
        assert phone.inside


def test_a_full_limiter_evicts_the_longest_idle_connection() -> None:
    door = ConnectionLimiter(connections_max=16)
    phones = [caller for number in range(16) for caller in come(door, f"10.0.0.{number}")]
    for number, phone in enumerate(phones):
        door.mark_authenticated(phone, f"phone-{number}", number)
    door.mark_authenticated(phones[0], "phone-0", 20.0)
    come(door, "10.0.1.1", at_s=21.0)
    assert inside(phones) == [True, False, *[True] * 14]
    assert door.evicted == {EvictionReason.FULL: 1}


def test_one_device_has_a_limited_number_of_connections() -> None:
    door = ConnectionLimiter()
    connections = come(door, "10.0.0.1", PER_DEVICE_MAX + 3)
    for connection in connections:
        door.mark_authenticated(connection, "phone-1", 0.0)
    assert inside(connections) == [False] * 3 + [True] * PER_DEVICE_MAX
    assert door.evicted == {EvictionReason.PER_DEVICE_LIMIT: 3}


def test_a_proxied_connection_belongs_to_the_device_of_its_last_token() -> None:
    door = ConnectionLimiter()
    (proxied,) = come(door, "10.0.0.1")
    for number in range(100):
        door.mark_authenticated(proxied, f"phone-{number}", 0.0)
    assert (proxied.inside, door.authenticated_count) == (True, 1)


def test_a_closed_connection_is_not_counted_and_not_evicted() -> None:
    door = ConnectionLimiter()
    stranger, phone = come(door, "10.0.0.1", 2)
    door.mark_authenticated(phone, "phone-1", 0.0)
    for _ in range(2):
        door.closed(stranger)
        door.closed(phone)
    door.mark_authenticated(phone, "phone-1", 0.0)
    door.evict_expired(1000.0)
    assert (door.unauthenticated_count, door.authenticated_count, door.evicted.total()) == (0, 0, 0)
    assert inside([stranger, phone]) == [True, True]


def addresses() -> Iterator[tuple[str, str]]:
    yield "10.0.0.1", "10.0.0.1"
    yield "::ffff:10.0.0.1", "10.0.0.1"
    yield "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"
    yield "fe80::1%eth0", "fe80::/64"
    yield "", ""


@pytest.mark.parametrize(("address", "network"), list(addresses()))
def test_an_ipv6_address_counts_as_its_network(address: str, network: str) -> None:
    assert network_of(address) == network
