"""Door: who is let in, and for how long.

A connection is a stranger's until a known token has come over it, and a guest's from then on. Strangers have little
time, whatever they send and however slowly; a guest has time until it shows a token again. Where there is no more room,
whoever has stood there longest goes: a flood drives itself out, not the phone that says at once who it is.
"""

import ipaddress
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, Protocol

CONNECTIONS_MAX: Final = 4000
PER_ADDRESS_SHARE: Final = 4
"""Strangers of one address get a quarter of the room: behind a provider's NAT, or a proxy with TLS, are many phones."""

PER_DEVICE_MAX: Final = 16
"""A phone opens some beside each other, and leaves dead ones behind when it changes its network."""

UNAUTHENTICATED_TIMEOUT_S: Final = 10.0
IDLE_TIMEOUT_S: Final = 75.0
EVICT_EVERY_S: Final = 0.5


class EvictionReason(StrEnum):
    """Why somebody was shown out."""

    UNAUTHENTICATED = "stranger-too-long"
    IDLE = "idle"
    PER_ADDRESS_LIMIT = "crowd-of-an-address"
    PER_DEVICE_LIMIT = "crowd-of-a-device"
    FULL = "full"


class Connection(Protocol):
    """What stands in the door."""

    def evict(self) -> None:
        """Ends the connection at once. Must not fail, whatever is under way."""
        ...


class ConnectionLimiter:
    """Keeps count of connections. Times are seconds of any steady clock; each method is O(1) but for what it ends."""

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
        """A connection was opened. If that is one too many, another one is ended."""
        whence = network_of(address)
        self._unauthenticated.add(connection, whence, now_s)
        if self._unauthenticated.count(whence) > max(1, self._connections_max // PER_ADDRESS_SHARE):
            self._evict(self._unauthenticated.oldest(whence), EvictionReason.PER_ADDRESS_LIMIT)
        elif len(self._unauthenticated) + len(self._authenticated) > self._connections_max:
            others = (
                self._unauthenticated
                if len(self._unauthenticated) > 1 or not self._authenticated
                else self._authenticated
            )
            self._evict(others.oldest(), EvictionReason.FULL)

    def mark_authenticated(self, connection: Connection, device_id: str, now_s: float) -> None:
        """A known token has come over it; behind a proxy, the next may be another device's."""
        if not (self._unauthenticated.discard(connection) or self._authenticated.discard(connection)):
            return  # it has gone meanwhile
        self._authenticated.add(connection, device_id, now_s)
        if self._authenticated.count(device_id) > PER_DEVICE_MAX:
            self._evict(self._authenticated.oldest(device_id), EvictionReason.PER_DEVICE_LIMIT)

    def closed(self, connection: Connection) -> None:
        """It is closed. Idempotent."""
        self._unauthenticated.discard(connection) or self._authenticated.discard(connection)

    def evict_expired(self, now_s: float) -> None:
        """Ends what has had its time."""
        for room, may_stay_s, why in (
            (self._unauthenticated, UNAUTHENTICATED_TIMEOUT_S, EvictionReason.UNAUTHENTICATED),
            (self._authenticated, IDLE_TIMEOUT_S, EvictionReason.IDLE),
        ):
            for connection in list(room.opened_before(now_s - may_stay_s)):
                self._evict(connection, why)

    def _evict(self, connection: Connection, why: EvictionReason) -> None:
        self.evicted[why] += 1
        self.closed(connection)
        connection.evict()


class _ConnectionSet:
    """Connections, each with its owner, in the order in which they came."""

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
        """False: it is not here."""
        owner, _ = self._all.pop(connection, (None, 0.0))
        if owner is None:
            return False
        del self._of[owner][connection]
        if not self._of[owner]:
            del self._of[owner]
        return True

    def oldest(self, owner: str | None = None) -> Connection:
        return next(iter(self._all if owner is None else self._of[owner]))

    def opened_before(self, moment_s: float) -> Iterator[Connection]:
        for connection, (_, since_s) in self._all.items():
            if since_s > moment_s:
                return
            yield connection


def network_of(address: str) -> str:
    """Whom an address stands for: itself, or, since a host has a whole /64 of IPv6 to choose from, that network."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address  # a socket of this machine has no address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if mapped is None else str(mapped)
