"""The Faust app: our transport, our settings, checks before it starts, a deadline when it stops."""

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any, Final

import faust
from faust.transport.drivers import aiokafka as driver
from faust.types.transports import ConsumerT, TransportT

from agents.batch import RowMaintenance
from app.errors import ConfigurationError, GeovelocityError, UnavailableError
from app.kafka.client import faust_credentials
from app.observability.catalogue import REBALANCES, RECOVERY_SECONDS
from app.observability.logs import logging_config
from app.observability.outage import OutageTracker
from app.observability.registry import MetricsRegistry
from app.security.keyring import Keyring
from app.settings import Settings
from app.settings.state import state_store_dir
from app.stream.health import Health
from app.stream.lifecycle.faust_patches import NoWebServer
from app.stream.lifecycle.garbage_collector import freeze_garbage_collector
from app.stream.lifecycle.preflight import check_compiled_faust, check_topics, cluster_id
from app.stream.lifecycle.tick_source import TickSource
from app.stream.lifecycle.watchdog import Watchdog
from app.stream.output.producer import Producer
from app.stream.output.sink_writer import SinkWriter, WriteBatch
from app.stream.safety.fail_stop import ExitCode, fail_stop
from app.stream.source.consumer import Consumer
from app.stream.source.fetched_batch import FetchedBatch, RoundRobinScheduler
from app.stream.source.partition_queue import BatchHandler
from app.stream.state.batch import WEIGHT_MAX_BYTES
from app.stream.state.compaction import CompactionTask
from app.stream.state.durable_table import DurableTable
from app.stream.state.partition_store import MemoryBackend, StateBackend
from app.stream.state.rocksdb_backend import RocksDBBackend

DRAIN_S: Final = 25.0
"""A polite stop takes no longer; then the process leaves as it would in a crash."""

BATCH_BYTES_MAX: Final = WEIGHT_MAX_BYTES + (2 << 20)
"""What the producer accepts in one batch: the heaviest batch and one more record of a megabyte with its outputs."""

FETCH_BYTES_MAX: Final = 2 << 20
SLICES_BUFFERED: Final = 4
RECOVERY_SLICES_BUFFERED: Final = 8
"""Of up to a megabyte each. Not 1: Faust then resumes changelogs that were read to their end."""

POLL_INTERVAL_MAX_S: Final = 7 * 86_400.0
"""A sink whose store is down waits for it; it must not be thrown out of its group for that."""

Process = Callable[[FetchedBatch], Awaitable[None]]


class Transport(driver.Transport):
    """Faust's aiokafka transport with our consumer and producer."""

    Consumer = Consumer
    Producer = Producer


class StreamApp(faust.App):
    """One consumer group. Its agents get the records fetched together, a slice of one partition at a time.

    `writes`: the topics it sends to, by their names in `schemas.topics.Topics`.
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
        self._files: list[RocksDBBackend] = []
        self._asks_broker = True
        self._clocks: list[tuple[DurableTable, str]] = []
        super().__init__(
            self._id,
            broker=[f"kafka://{server}" for server in settings.kafka.split(",")],
            broker_credentials=faust_credentials(settings),
            broker_session_timeout=settings.session_timeout_s,
            broker_heartbeat_interval=1.0,
            broker_commit_interval=settings.commit_interval_s,
            broker_max_poll_interval=POLL_INTERVAL_MAX_S,
            consumer_auto_offset_reset="earliest",
            consumer_max_fetch_size=FETCH_BYTES_MAX,
            producer_acks=-1,
            producer_max_batch_size=BATCH_BYTES_MAX,
            producer_max_request_size=BATCH_BYTES_MAX,
            stream_buffer_maxsize=SLICES_BUFFERED,
            stream_wait_empty=True,
            topic_disable_leader=True,
            topic_allow_declare=False,
            topic_partitions=settings.partitions,
            topic_replication_factor=settings.replication_factor,
            table_standby_replicas=0,
            key_serializer="raw",
            value_serializer="raw",
            store="memory://",
            logging_config=logging_config(settings.log_level),
            ConsumerScheduler=RoundRobinScheduler,
            Table=DurableTable,
        )
        self._assignments = 0
        self._rebalancing_since_s = monotonic()
        self.on_partitions_assigned.connect(self._note_assignment, weak=False)

    def durable_table(self, name: str, upkeep: RowMaintenance) -> DurableTable:
        """A table of this app, with as many partitions as the topics it is fed from."""
        table = self.Table(
            name,
            partitions=self.settings.partitions,
            place=self._place_of(name),
            upkeep=upkeep,
            metrics=self.metrics,
            recovery_buffer_size=RECOVERY_SLICES_BUFFERED,
        )
        assert isinstance(table, DurableTable)  # noqa: S101 - the Table setting above
        self.durable_tables.append(table)
        return table

    def _place_of(self, table: str) -> StateBackend:
        if self.settings.table_store == "memory":
            return MemoryBackend()
        files = RocksDBBackend(
            state_store_dir(self.settings.state_dir) / f"{self._id}-{table}", self.settings.table_memory_mb << 20
        )
        self._files.append(files)
        return files

    def add_stateful_agent(
        self, table: DurableTable, topic: str, fold: BatchHandler, name: str, *, tells_time: bool
    ) -> None:
        """Registers an agent that folds the records of a topic into the table. `tells_time`: as `DurableTable.fold`."""

        async def process(given: FetchedBatch) -> None:
            await table.fold(given, fold, tells_time=tells_time)

        self._process(topic, process, name)

    def add_tick_source(self, table: DurableTable, topic: str) -> None:
        """Lets time pass for the table, by records on a topic that is folded into it, where no others come."""
        self._clocks.append((table, topic))

    def add_sink(self, deliver: WriteBatch, topic: str, name: str) -> None:
        """Registers an agent that delivers the records of a topic to a store."""
        self._process(topic, SinkWriter(self, deliver, name), name)

    def _process(self, topic: str, process: Process, name: str) -> None:
        """`process` must not raise: Faust would ack what it was given."""
        self._topics.append(topic)

        async def agent(stream: Any) -> None:
            async for given in stream:
                await process(given)

        self.agent(self.topic(topic, partitions=self.settings.partitions), name=name)(agent)

    def _new_transport(self) -> TransportT:
        return Transport(self.conf.broker_consumer, self)

    def _note_assignment(self, *_: Any, **__: Any) -> None:
        self._assignments = self.rebalancing_count

    def on_rebalance_end(self) -> None:
        """The recovery of one rebalance may end when the next has begun: that one is not over then."""
        if self._assignments == self.rebalancing_count:
            super().on_rebalance_end()
            self.metrics.set(RECOVERY_SECONDS, monotonic() - self._rebalancing_since_s)

    def on_rebalance_start(self) -> None:
        self._rebalancing_since_s = monotonic()
        self.metrics.add(REBALANCES)
        super().on_rebalance_start()

    async def _consumer_wait_empty(self, consumer: ConsumerT, logger: Any) -> None:
        """Faust waits for its agents, and commits, before it lets go of partitions; tables may still be delivering."""
        await super()._consumer_wait_empty(consumer, logger)
        await asyncio.gather(*[table.settled() for table in self.durable_tables])
        for _ in range(2):  # where a commit is under way Faust waits for that one, which may know less, and makes none
            await consumer.commit()

    @property
    def is_ready(self) -> bool:
        """It has joined its group, its rows are recovered, and no rebalance is under way."""
        return self.rebalancing_count > 0 and not self.rebalancing and not self.should_stop

    @property
    def not_ready_reason(self) -> str | None:
        """Why it does not do its work, in a sentence; None: it does."""
        if self._asks_broker:
            return f"waiting for Kafka at {self.settings.kafka} to say which topics there are"
        if not self.is_ready:
            return "waiting for partitions and rows"
        lease = Consumer.of(self).lease
        if not lease.valid:
            return f"Kafka at {self.settings.kafka} has not answered for {lease.age_s:.0f} s"
        return self.sink_outage.message(monotonic())

    def _create_directories(self) -> None:
        """None of Faust's: with its rows in memory the worker runs on a read-only disk."""

    async def on_start(self) -> None:
        """Refuses to start where it would later lose or miss records without saying so.

        Health comes first: while a broker does not answer, it says so.
        """
        if self.settings.health_port is not None:
            await self._serve_health(self.settings.health_port)
        try:
            check_compiled_faust()
            changelogs = [table.changelog_topic_name for table in self.durable_tables]
            await check_topics(self.settings, self._topics, changelogs, BATCH_BYTES_MAX)
            for files in self._files:
                files.lock(await cluster_id(self.settings))
        except (ConfigurationError, UnavailableError) as error:
            _refuse(error)
        self._asks_broker = False
        await self.add_runtime_dependency(Watchdog(self))
        for files in self._files:
            await self.add_runtime_dependency(CompactionTask(files))
        for table, topic in self._clocks:
            await self.add_runtime_dependency(TickSource(self, table, topic))
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.keyring.reload_now)
        await super().on_start()
        freeze_garbage_collector()

    async def _serve_health(self, port: int) -> None:
        try:
            await self.add_runtime_dependency(Health(self, port))
        except OSError as error:
            _refuse(
                ConfigurationError(
                    f"health port {port} cannot be opened ({error.strerror}): set GEOVELOCITY_HEALTH_PORT"
                )
            )

    async def on_stop(self) -> None:
        deadline = threading.Timer(DRAIN_S, os._exit, (ExitCode.RESTART,))
        deadline.daemon = True
        deadline.start()
        await super().on_stop()
        deadline.cancel()

    async def on_shutdown(self) -> None:
        """Nothing writes rows any more."""
        await super().on_shutdown()
        for files in self._files:
            await files.close_all()


def _refuse(error: GeovelocityError) -> None:
    fail_stop(str(error), code=ExitCode.RESTART if error.retriable else ExitCode.CONFIGURATION)
