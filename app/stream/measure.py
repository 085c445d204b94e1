"""Measure: what is only worth measuring when somebody asks."""

from time import monotonic
from typing import TYPE_CHECKING

from app.metrics import LAG, POSITION, READY, ROWS, STORE_AWAY_SECONDS
from app.stream.consumer import Consumer
from app.stream.lag import lags

if TYPE_CHECKING:
    from app.stream.application import StreamApp


def measure(app: "StreamApp") -> None:
    """Sets the gauges of a worker. Asks nobody: there need be no consumer yet, and no broker any more."""
    metrics = app.metrics
    app.keyring.current()  # also where no batch comes
    metrics.set(READY, app.waits_for is None)
    if app.durable_tables:
        metrics.set(ROWS, sum(table.rows for table in app.durable_tables))
    else:
        metrics.set(STORE_AWAY_SECONDS, app.store_away.lasts_s(monotonic()))
    for metric in (LAG, POSITION):
        metrics.forget(metric)  # partitions that others have now
    for tp, lag in lags(Consumer.of(app)).items():
        labels = {"topic": tp.topic, "partition": str(tp.partition)}
        metrics.set(LAG, lag.records, **labels)
        metrics.set(POSITION, lag.position, **labels)
