"""Kinds of faults, their frequency, and which ones run alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tests.nightly.fault.faults.broker import (
    broker_disk_full,
    broker_killed,
    broker_long_gone,
    broker_silent,
    changelog_refused,
    rolling,
)
from tests.nightly.fault.faults.outcome import Fault
from tests.nightly.fault.faults.source import clock_off, keys_rotated, poisoned, replayed
from tests.nightly.fault.faults.store import store_away, store_away_for_a_minute, store_away_for_ten_minutes, way_broken
from tests.nightly.fault.faults.worker import failpoint, kill, memory_gone, sink_failpoint, storm, terminate, zombie
from tests.nightly.fault.proxy import ProxyMode


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault, its number in the findings and its weight. `alone`: no other fault at that time.

    `aside`: it takes minutes, so the campaign does not wait for it.
    """

    name: str
    number: str
    fault: Fault
    weight: int = 1
    alone: bool = False
    aside: bool = False


KILL: Final = Kind("worker killed", "F1", kill)
KINDS: Final = (
    Kind("worker killed between two steps", "F1", failpoint, 8),
    Kind("sink killed between two steps", "F1", sink_failpoint, 3),
    Kind("worker stopped by SIGTERM", "F2", terminate, 8),
    Kind("worker asleep past its session", "F3", zombie, 3),
    Kind("workers come and go", "F10", storm, 2),
    Kind("broker killed", "F4", broker_killed, 2, alone=True),
    Kind("broker silent", "F22", broker_silent, 2, alone=True),
    Kind("changelog refused", "F14", changelog_refused, 2, alone=True),
    Kind("store away", "F6", store_away, 2),
    *(Kind("way to a store broken", "F7-F9", way_broken(way), 4) for way in ProxyMode if way is not ProxyMode.THROUGH),
    Kind("sent again, in another order", "F11", replayed, 3),
    Kind("poison", "F12", poisoned(0.1), 6),
    Kind("poison", "F12", poisoned(0.6), 6),
    Kind("clock of the writers off", "F15", clock_off, 3),
    Kind("memory gone", "F17", memory_gone, 2),
)
RARE: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "broker-70s": Kind("broker down for 70 s", "F4", broker_long_gone, alone=True),
        "store-60s": Kind("store down for a minute", "F6", store_away_for_a_minute, aside=True),
        "store-600s": Kind("store down for ten minutes", "F6", store_away_for_ten_minutes, aside=True),
        "rolling": Kind("brokers bounced one after the other", "F5", rolling, alone=True),
        "keys": Kind("masking key changed twice", "F23", keys_rotated, aside=True),
        "disk-full": Kind("broker's disk full", "F16", broker_disk_full, alone=True),
    }
)
