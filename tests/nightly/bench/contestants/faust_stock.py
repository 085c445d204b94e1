"""The job of this service as the documentation of stock Faust shows it: one agent call and one table write per event.

Its rule is simpler (the last fix only), it validates and masks nothing, and it loses records in a crash (ADR 3). Every
difference is in its favour.
"""

import os

import faust
from haversine import Unit, haversine

PARTITIONS = int(os.environ["BENCH_PARTITIONS"])
PREFIX = os.environ["BENCH_PREFIX"]
MARGIN_MPS = 1.0


class Fix(faust.Record, serializer="json"):
    """One position."""

    at_ms: int
    latitude: float
    longitude: float
    speed_mps: float


class Push(faust.Record, serializer="json"):
    """A position push."""

    device_id: str
    fixes: list[Fix]


class Payment(faust.Record, serializer="json"):
    """A payment."""

    transaction_id: str
    device_id: str
    timestamp: float
    latitude: float
    longitude: float


app = faust.App(
    os.environ["BENCH_GROUP"],
    broker=f"kafka://{os.environ['BENCH_KAFKA']}",
    topic_partitions=PARTITIONS,
    topic_replication_factor=1,
    topic_disable_leader=True,
    consumer_auto_offset_reset="earliest",
    broker_commit_interval=float(os.environ["BENCH_COMMIT_INTERVAL_S"]),
    table_standby_replicas=0,
    web_enabled=False,
)
locations = app.topic(f"{PREFIX}locations", value_type=Push)
transactions = app.topic(f"{PREFIX}transactions", value_type=Payment)
verdicts = app.topic(f"{app.conf.id}-verdicts")
devices = app.Table("devices", partitions=PARTITIONS, default=dict)


@app.agent(locations)
async def store_last_fix(pushes: faust.StreamT[Push]) -> None:
    """Store the last fix of each device."""
    async for push in pushes:
        row = devices[push.device_id]
        fix = push.fixes[-1]
        row["fix"] = [fix.at_ms, fix.latitude, fix.longitude, fix.speed_mps]
        devices[push.device_id] = row


@app.agent(transactions)
async def score(payments: faust.StreamT[Payment]) -> None:
    """Compare distance over time with the last reported speed."""
    async for payment in payments:
        row = devices[payment.device_id]
        row["payments"] = row.get("payments", 0) + 1
        devices[payment.device_id] = row
        suspect = False
        if fix := row.get("fix"):
            at_ms, latitude, longitude, speed_mps = fix
            away_m = haversine((latitude, longitude), (payment.latitude, payment.longitude), unit=Unit.METERS)
            suspect = away_m > (speed_mps + MARGIN_MPS) * abs(payment.timestamp - at_ms / 1000)
        await verdicts.send(key=payment.device_id, value={"id": payment.transaction_id, "suspect": suspect})
