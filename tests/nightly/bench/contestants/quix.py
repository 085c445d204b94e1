"""Common parts of the Quix Streams contestants: the application, its topics, and the rule of the last fix.

All options are its defaults, but for what the bench asks of everybody and `consumer_poll_timeout`: where records are
few it would wait a second for more of them before it looks at those it has.
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
    """At least once, state in RocksDB with a changelog: its defaults."""
    return Application(
        broker_address=os.environ["BENCH_KAFKA"],
        consumer_group=GROUP,
        auto_offset_reset="earliest",
        commit_interval=COMMIT_INTERVAL_S,
        consumer_poll_timeout=COMMIT_INTERVAL_S,
    )


def last_fix(push: Mapping[str, Any]) -> list[float]:
    """Last fix of a device: epoch milliseconds, latitude, longitude, speed."""
    fix = push["fixes"][-1]
    return [fix["at_ms"], fix["latitude"], fix["longitude"], fix["speed_mps"]]


def verdict(payment: Mapping[str, Any], fix: Sequence[float] | None) -> dict[str, Any]:
    """Distance over time against the last speed."""
    suspect = False
    if fix:
        at_ms, latitude, longitude, speed_mps = fix
        away_m = haversine((latitude, longitude), (payment["latitude"], payment["longitude"]), unit=Unit.METERS)
        suspect = away_m > (speed_mps + MARGIN_MPS) * abs(payment["timestamp"] - at_ms / 1000)
    return {"id": payment["transaction_id"], "suspect": suspect}
