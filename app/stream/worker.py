"""The Faust app of a worker: its agents, its tables, its background services, and how it starts and stops."""

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from time import monotonic
from typing import Any, Final

import faust
from aiohttp import web
from faust.transport.drivers import aiokafka as driver
from faust.types.transports import ConsumerT, TransportT

from agents.batch import RowMaintenance
from app.errors import ConfigurationError, GeovelocityError, UnavailableError
from app.kafka.topics import check_topics, cluster_id
from app.observability.catalogue import LAG, POSITION, READY, REBALANCES, RECOVERY_SECONDS, ROWS, STORE_AWAY_SECONDS
from app.observability.health import health_handlers, metrics_handler, serve_health
from app.observability.outage import OutageTracker
from app.observability.registry import MetricsRegistry
from app.security.keyring import Keyring
from app.settings import Settings
from app.settings.state import state_store_dir
from app.stream.lifecycle.faust_options import faust_options
from app.stream.lifecycle.faust_patches import NoWebServer, freeze_garbage_collector
from app.stream.lifecycle.preflight import check_compiled_faust
from app.stream.lifecycle.tick_source import TickSource
from app.stream.lifecycle.watchdog import Watchdog, recovered_offsets
from app.stream.output.producer import Producer
from app.stream.output.sink_writer import SinkWriter, WriteBatch
from app.stream.safety.fail_stop import ExitCode, fail_stop
from app.stream.source.consumer import Consumer
from app.stream.source.fetched_batch import FetchedBatch
from app.stream.source.lag import lags
from app.stream.source.partition_queue import BatchHandler
from app.stream.state.batch import BATCH_BYTES_MAX
from app.stream.state.compaction import CompactionTask
from app.stream.state.durable_table import DurableTable
from app.stream.state.memory_backend import MemoryBackend
from app.stream.state.partition_store import StateBackend
from app.stream.state.rocksdb_backend import RocksDBBackend

STOP_TIMEOUT_S: Final = 25.0
"""Limit of a graceful stop. After it the process exits at once, as in a crash."""

RECOVERY_BATCHES_BUFFERED: Final = 8
"""Changelog batches in the recovery buffer, of up to a megabyte each. With 1 Faust resumes finished changelogs."""

Process = Callable[[FetchedBatch], Awaitable[None]]
"""Processes a fetched batch. Must not raise, because Faust would acknowledge the batch."""


class Transport(driver.Transport):
    """Faust's aiokafka transport with the consumer and producer of this project."""

    Consumer = Consumer
    Producer = Producer


class StreamApp(faust.App):
    """One consumer group. Its agents receive fetched batches, each from one partition.

    `writes`: the topics it writes, as attribute names of `schemas.topics.Topics`.
    """

    BootStrategy = NoWebServer

    def __init__(self, name: str, settings: Settings, writes: Sequence[str]) -> None:
        self._id = f"{settings.namespace}-{name}"
        self.settings = settings
        self.metrics = MetricsRegistry()
        self.keyring = Keyring(settings, self.metrics)
        self.sink_outage = OutageTracker()
        self._topics = [getattr(settings.topics, topic) for topic in writes]
        self.durable_tables: list[DurableTable] = []
        self._disk_backends: list[RocksDBBackend] = []
        self._tick_topics: list[tuple[DurableTable, str]] = []
        self._awaits_broker = True
        self._health: web.AppRunner | None = None
        super().__init__(self._id, **faust_options(settings))
        self._assignments = 0
        self._rebalancing_since_s = monotonic()
        self.on_partitions_assigned.connect(self._note_assignment, weak=False)

    def durable_table(self, name: str, row_maintenance: RowMaintenance) -> DurableTable:
        """Add a table with the partition count of its source topics."""
        table = self.Table(
            name,
            partitions=self.settings.partitions,
            backend=self._backend_of(name),
            row_maintenance=row_maintenance,
            metrics=self.metrics,
            recovery_buffer_size=RECOVERY_BATCHES_BUFFERED,
        )
        assert isinstance(table, DurableTable)  # noqa: S101 - see faust_options
        self.durable_tables.append(table)
        return table

    def _backend_of(self, table: str) -> StateBackend:
        if self.settings.table_store == "memory":
            return MemoryBackend()
        backend = RocksDBBackend(
            state_store_dir(self.settings.state_dir) / f"{self._id}-{table}", self.settings.table_memory_mb << 20
        )
        self._disk_backends.append(backend)
        return backend

    def add_stateful_agent(
        self, table: DurableTable, topic: str, handler: BatchHandler, name: str, *, advances_time: bool
    ) -> None:
        """Add an agent that applies a topic's records to the table. `advances_time`: as in `DurableTable.enqueue`."""
        self._add_agent(topic, partial(table.enqueue, handler=handler, advances_time=advances_time), name)

    def add_tick_source(self, table: DurableTable, topic: str) -> None:
        """Advance the table's event time on idle partitions, with records on a topic that an agent applies to it."""
        self._tick_topics.append((table, topic))

    def add_sink(self, write: WriteBatch, topic: str, name: str) -> None:
        """Add an agent that writes a topic's records to a store."""
        writer = SinkWriter(self, self.sink_outage, self.metrics, lambda: Consumer.of(self).processed, write, name)
        self._add_agent(topic, writer, name)

    def _add_agent(self, topic: str, process: Process, name: str) -> None:
        self._topics.append(topic)

        async def agent(stream: Any) -> None:
            async for batch in stream:
                await process(batch)

        self.agent(self.topic(topic, partitions=self.settings.partitions), name=name)(agent)

    def _new_transport(self) -> TransportT:
        return Transport(self.conf.broker_consumer, self)

    def _note_assignment(self, *_: Any, **__: Any) -> None:
        self._assignments = self.rebalancing_count

    def on_rebalance_end(self) -> None:
        """End the rebalance, unless the next one has begun while this one's recovery was running."""
        if self._assignments == self.rebalancing_count:
            super().on_rebalance_end()
            self.metrics.set(RECOVERY_SECONDS, monotonic() - self._rebalancing_since_s)

    def on_rebalance_start(self) -> None:
        self._rebalancing_since_s = monotonic()
        self.metrics.add(REBALANCES)
        super().on_rebalance_start()

    async def _consumer_wait_empty(self, consumer: ConsumerT, logger: Any) -> None:
        """Wait for agents as Faust does before it releases partitions, then for the tables, and commit."""
        await super()._consumer_wait_empty(consumer, logger)
        await asyncio.gather(*[table.drained() for table in self.durable_tables])
        for _ in range(2):  # if a commit is running, Faust waits for it and makes none; it may miss newer offsets
            await consumer.commit()

    @property
    def is_ready(self) -> bool:
        return self.rebalancing_count > 0 and not self.rebalancing and not self.should_stop

    @property
    def not_ready_reason(self) -> str | None:
        if self._awaits_broker:
            return f"waiting for Kafka at {self.settings.kafka} to describe the topics"
        if not self.is_ready:
            return "waiting for partitions and rows"
        lease = Consumer.of(self).lease
        if not lease.valid:
            return f"Kafka at {self.settings.kafka} has not answered for {lease.age_s:.0f} s"
        return self.sink_outage.message(monotonic())

    def collect_gauges(self) -> MetricsRegistry:
        """Set the gauges before a scrape and return the registry. Sends no request, so it works without a broker."""
        self.keyring.current()  # rotates keys even while no batch arrives
        self.metrics.set(READY, self.not_ready_reason is None)
        if self.durable_tables:
            self.metrics.set(ROWS, sum(table.row_count for table in self.durable_tables))
        else:
            self.metrics.set(STORE_AWAY_SECONDS, self.sink_outage.duration_s(monotonic()))
        for metric in (LAG, POSITION):
            self.metrics.clear(metric)  # drops partitions that other workers own now
        for tp, lag in lags(Consumer.of(self)).items():
            labels = {"topic": tp.topic, "partition": str(tp.partition)}
            self.metrics.set(LAG, lag.records, **labels)
            self.metrics.set(POSITION, lag.processed_offset, **labels)
        return self.metrics

    def _create_directories(self) -> None:
        """Do nothing: with rows in memory the worker runs on a read-only disk, without Faust's directories."""

    async def on_start(self) -> None:
        """Start, or exit if the worker would later lose or miss records silently.

        Health comes first, so that it reports a broker that does not answer.
        """
        try:
            if self.settings.health_port is not None:
                await self._serve_health(self.settings.health_port)
            check_compiled_faust()
            changelogs = [table.changelog_topic_name for table in self.durable_tables]
            await check_topics(self.settings, self._topics, changelogs, BATCH_BYTES_MAX)
            for backend in self._disk_backends:
                backend.lock(await cluster_id(self.settings))
        except (ConfigurationError, UnavailableError) as error:
            _exit(error)
        self._awaits_broker = False
        await self.add_runtime_dependency(Watchdog(self, partial(recovered_offsets, self.tables)))
        for backend in self._disk_backends:
            await self.add_runtime_dependency(CompactionTask(backend))
        for table, topic in self._tick_topics:
            ticks = TickSource(self, table, topic, Consumer.of(self).assignment, Producer.of(self))
            await self.add_runtime_dependency(ticks)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.keyring.reload_now)
        await super().on_start()
        freeze_garbage_collector()

    async def _serve_health(self, port: int) -> None:
        handlers = health_handlers(lambda: self.not_ready_reason)
        self._health = await serve_health(port, handlers | {"/metrics": metrics_handler(self.collect_gauges)})

    async def on_stop(self) -> None:
        deadline = threading.Timer(STOP_TIMEOUT_S, os._exit, (ExitCode.RESTART,))
        deadline.daemon = True
        deadline.start()
        await super().on_stop()
        deadline.cancel()
        if self._health is not None:
            await self._health.cleanup()

    async def on_shutdown(self) -> None:
        """Close the rows on disk, which nothing writes any more."""
        await super().on_shutdown()
        for backend in self._disk_backends:
            await backend.close_all()


def _exit(error: GeovelocityError) -> None:
    fail_stop(str(error), code=ExitCode.RESTART if error.retriable else ExitCode.CONFIGURATION)
