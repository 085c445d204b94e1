"""Common parts of the Quix Streams contestants: the application, its topics, and the rule of the last fix.

All options have their defaults, except those that the benchmark sets for every contestant and `consumer_poll_timeout`:
with few records it would wait a second for more of them before it processes those that it has.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

from haversine import Unit, haversine
from quixstreams import Application

GROUP: Final = os.environ["BENCH_GROUP"]
LOCATIONS: Final = f"{os.environ['BENCH_PREFIX']}locations"
TRANSACTIONS: Final = f"{os.environ['BENCH_PREFIX']}transactions"
VERDICTS: Final = f"{GROUP}-verdicts"
COMMIT_INTERVAL_S: Final = float(os.environ["BENCH_COMMIT_INTERVAL_S"])
MARGIN_MPS: Final = 1.0


def application() -> Application:
    """Return an application with the defaults: at least once, state in RocksDB with a changelog."""
    return Application(
        broker_address=os.environ["BENCH_KAFKA"],
        consumer_group=GROUP,
        auto_offset_reset="earliest",
        commit_interval=COMMIT_INTERVAL_S,
        consumer_poll_timeout=COMMIT_INTERVAL_S,
    )


def last_fix(push: Mapping[str, Any]) -> list[float]:
    """Return the last fix of a push: epoch milliseconds, latitude, longitude, speed."""
    fix = push["fixes"][-1]
    return [fix["at_ms"], fix["latitude"], fix["longitude"], fix["speed_mps"]]


def verdict(payment: Mapping[str, Any], fix: Sequence[float] | None) -> dict[str, Any]:
    """Return a verdict that compares distance over time with the last reported speed."""
    suspect = False
    if fix:
        at_ms, latitude, longitude, speed_mps = fix
        away_m = haversine((latitude, longitude), (payment["latitude"], payment["longitude"]), unit=Unit.METERS)
        suspect = away_m > (speed_mps + MARGIN_MPS) * abs(payment["timestamp"] - at_ms / 1000)
    return {"id": payment["transaction_id"], "suspect": suspect}
