"""Measure: what is only worth measuring when somebody asks."""

from time import monotonic
from typing import TYPE_CHECKING

from app.observability.catalogue import LAG, POSITION, READY, ROWS, STORE_AWAY_SECONDS
from app.stream.source.consumer import Consumer
from app.stream.source.lag import lags

if TYPE_CHECKING:
    from app.stream.worker import StreamApp


def measure(app: "StreamApp") -> None:
    """Sets the gauges of a worker. Asks nobody: there need be no consumer yet, and no broker any more."""
    metrics = app.metrics
    app.keyring.current()  # also where no batch comes
    metrics.set(READY, app.not_ready_reason is None)
    if app.durable_tables:
        metrics.set(ROWS, sum(table.rows for table in app.durable_tables))
    else:
        metrics.set(STORE_AWAY_SECONDS, app.sink_outage.duration_s(monotonic()))
    for metric in (LAG, POSITION):
        metrics.clear(metric)  # partitions that others have now
    for tp, lag in lags(Consumer.of(app)).items():
        labels = {"topic": tp.topic, "partition": str(tp.partition)}
        metrics.set(LAG, lag.records, **labels)
        metrics.set(POSITION, lag.position, **labels)
