"""A limit on the number and the age of connections.

A connection is unauthenticated until a known token arrives on it, and authenticated from then on. An unauthenticated
connection has a short timeout, which no traffic extends. An authenticated one has an idle timeout, which each known
token restarts. At the connection limit the oldest unauthenticated connection is closed. A flood therefore evicts
itself, not a phone that authenticates at once.
"""

import ipaddress
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, Protocol

CONNECTIONS_MAX: Final = 4000
"""Default limit of open connections."""

PER_ADDRESS_SHARE: Final = 4
"""Divisor of the limit for one address's unauthenticated connections: a quarter of all.

The share is large because many phones have the same address behind a provider's NAT or a proxy with TLS.
"""

PER_DEVICE_MAX: Final = 16
"""Limit of a device's connections. A phone opens several at once, and leaves dead ones when it changes its network."""

UNAUTHENTICATED_TIMEOUT_S: Final = 10.0
"""Time from the opening of a connection to its first known token."""

IDLE_TIMEOUT_S: Final = 75.0
"""Time from a known token to the next one."""

EVICT_EVERY_S: Final = 0.5
"""Interval of the check for expired connections."""


class EvictionReason(StrEnum):
    """Reason for closing a connection: values of a metric label, kept for existing dashboards."""

    UNAUTHENTICATED = "stranger-too-long"
    IDLE = "idle"
    PER_ADDRESS_LIMIT = "crowd-of-an-address"
    PER_DEVICE_LIMIT = "crowd-of-a-device"
    FULL = "full"


class Connection(Protocol):
    """A connection that the limiter can close."""

    def evict(self) -> None:
        """Close the connection at once. Must not raise in any state of the connection."""
        ...


class ConnectionLimiter:
    """The set of open connections and its limits.

    Times are seconds of any monotonic clock. Each method takes constant time for each connection that it closes.
    """

    def __init__(self, connections_max: int = CONNECTIONS_MAX) -> None:
        self._connections_max = connections_max
        self._unauthenticated = _ConnectionSet()
        self._authenticated = _ConnectionSet()
        self.evicted: Counter[EvictionReason] = Counter()

    @property
    def unauthenticated_count(self) -> int:
        return len(self._unauthenticated)

    @property
    def authenticated_count(self) -> int:
        return len(self._authenticated)

    def opened(self, connection: Connection, address: str, now_s: float) -> None:
        """Record an opened connection. Evict another one if a limit is exceeded."""
        network = network_of(address)
        self._unauthenticated.add(connection, network, now_s)
        if self._unauthenticated.count(network) > max(1, self._connections_max // PER_ADDRESS_SHARE):
            self._evict(self._unauthenticated.oldest(network), EvictionReason.PER_ADDRESS_LIMIT)
        elif len(self._unauthenticated) + len(self._authenticated) > self._connections_max:
            others = (
                self._unauthenticated
                if len(self._unauthenticated) > 1 or not self._authenticated
                else self._authenticated
            )
            self._evict(others.oldest(), EvictionReason.FULL)

    def mark_authenticated(self, connection: Connection, device_id: str, now_s: float) -> None:
        """Record a known token on the connection. Behind a proxy, successive tokens may be of different devices."""
        if not (self._unauthenticated.discard(connection) or self._authenticated.discard(connection)):
            return  # the connection was evicted in the meantime
        self._authenticated.add(connection, device_id, now_s)
        if self._authenticated.count(device_id) > PER_DEVICE_MAX:
            self._evict(self._authenticated.oldest(device_id), EvictionReason.PER_DEVICE_LIMIT)

    def closed(self, connection: Connection) -> None:
        """Record that the connection is closed. Idempotent."""
        self._unauthenticated.discard(connection) or self._authenticated.discard(connection)

    def evict_expired(self, now_s: float) -> None:
        """Evict every connection whose timeout is over."""
        for connections, timeout_s, reason in (
            (self._unauthenticated, UNAUTHENTICATED_TIMEOUT_S, EvictionReason.UNAUTHENTICATED),
            (self._authenticated, IDLE_TIMEOUT_S, EvictionReason.IDLE),
        ):
            for connection in list(connections.added_before(now_s - timeout_s)):
                self._evict(connection, reason)

    def _evict(self, connection: Connection, reason: EvictionReason) -> None:
        self.evicted[reason] += 1
        self.closed(connection)
        connection.evict()


class _ConnectionSet:
    """Connections, each with its owner, in the order in which they were added."""

    def __init__(self) -> None:
        self._all: OrderedDict[Connection, tuple[str, float]] = OrderedDict()
        self._of: defaultdict[str, OrderedDict[Connection, None]] = defaultdict(OrderedDict)

    def __len__(self) -> int:
        return len(self._all)

    def count(self, owner: str) -> int:
        return len(self._of[owner]) if owner in self._of else 0

    def add(self, connection: Connection, owner: str, now_s: float) -> None:
        self._all[connection] = (owner, now_s)
        self._of[owner][connection] = None

    def discard(self, connection: Connection) -> bool:
        """Remove the connection. Return False if it is not in the set."""
        owner, _ = self._all.pop(connection, (None, 0.0))
        if owner is None:
            return False
        del self._of[owner][connection]
        if not self._of[owner]:
            del self._of[owner]
        return True

    def oldest(self, owner: str | None = None) -> Connection:
        return next(iter(self._all if owner is None else self._of[owner]))

    def added_before(self, moment_s: float) -> Iterator[Connection]:
        for connection, (_, since_s) in self._all.items():
            if since_s > moment_s:
                return
            yield connection


def network_of(address: str) -> str:
    """Return the network to limit: an IPv4 address itself, or the /64 of an IPv6 address.

    A host can choose any IPv6 address of its /64.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address  # a local socket has no IP address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if mapped is None else str(mapped)
