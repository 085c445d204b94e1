"""Delivery of a topic's records to a store, with retries until the store accepts them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Final

from faust.types import TP

from agents.batch import Record
from app.errors import UnavailableError
from app.observability.catalogue import STORE_RETRIES
from app.observability.outage import OutageTracker
from app.observability.registry import MetricsRegistry
from app.stream.safety.fail_stop import fail_stop
from app.stream.safety.failpoint import failpoint
from app.stream.source.fetched_batch import FetchedBatch
from app.stream.source.processed_offsets import ProcessedOffsets
from app.stream.worker_state import WorkerState

log = logging.getLogger(__name__)

INITIAL_DELAY_S: Final = 0.2
"""Delay before the first retry. It doubles with each retry, up to `MAX_DELAY_S`."""

MAX_DELAY_S: Final = 10.0
INTERRUPTION_POLL_S: Final = 0.1

WRITE_BATCH_MAX: Final = 1_000
"""Records per write. A record is about 1.5 kB, so a write stays well below what a store accepts in one request."""

WriteBatch = Callable[[Sequence[Record]], Awaitable[None]]
"""Writes records to a store and returns when they are durable. Idempotent. Raises UnavailableError for a retry."""


class SinkWriter:
    """Agent that writes fetched batches to a store. The processed offset advances with each accepted write.

    `processed`: returns the processed offsets of the worker. `name`: identifies this writer in `outage`.
    """

    def __init__(
        self,
        state: WorkerState,
        outage: OutageTracker,
        metrics: MetricsRegistry,
        processed: Callable[[], ProcessedOffsets],
        write: WriteBatch,
        name: str,
    ) -> None:
        self._state = state
        self._outage = outage
        self._metrics = metrics
        self._processed = processed
        self._write = write
        self._name = name
        self._write_max = WRITE_BATCH_MAX

    async def __call__(self, batch: FetchedBatch) -> None:
        """Write a batch. Never raises: an error ends the process.

        Returns early on shutdown and in a rebalance. The next owner of the partition continues after the last accepted
        write.
        """
        source = batch.source
        try:
            processed = self._processed()[source]
            if batch.start_offset > processed:
                if self._interrupted:
                    return  # an interruption dropped the batch before this one
                raise RuntimeError(f"records {processed} to {batch.start_offset - 1} never arrived")
            await self._write_all([record for record in batch.records if record.offset >= processed])
        except BaseException as error:  # noqa: BLE001 - Faust would acknowledge the batch, even on a cancellation
            fail_stop(f"a delivery from {source.topic} {source.partition} is incomplete", error)

    async def _write_all(self, records: Sequence[Record]) -> None:
        """Write the records in order. Returns when all are accepted, or when the worker must release the partition.

        A store that fails gets half as many records in the next write, so a slow store still makes progress. Accepted
        records are processed at once, so an interruption repeats and counts none of them twice.
        """
        delay_s, retrying = INITIAL_DELAY_S, False
        while records:
            part = records[: self._write_max]
            failpoint("delivering")
            try:
                await self._write(part)
            except UnavailableError as error:
                self._outage.failed(self._name, str(error), monotonic())
                self._metrics.add(STORE_RETRIES)
                if not retrying:
                    log.warning("%s; %d records are pending", error, len(records))
                retrying, self._write_max = True, max(1, len(part) // 2)
                if await self._interrupted_within(delay_s):
                    self._outage.recovered(self._name)  # the next owner of the partition tracks the outage itself
                    return
                delay_s = min(2 * delay_s, MAX_DELAY_S)
                continue
            failpoint("delivered")
            last = part[-1]
            self._processed().advance(TP(last.topic, last.partition), last.offset + 1)
            self._outage.recovered(self._name)
            if retrying:
                log.info("the store is available again")
            delay_s, retrying = INITIAL_DELAY_S, False
            records, self._write_max = records[len(part) :], min(2 * self._write_max, WRITE_BATCH_MAX)
            if records and self._interrupted:
                return

    @property
    def _interrupted(self) -> bool:
        return bool(self._state.should_stop or self._state.rebalancing)

    async def _interrupted_within(self, delay_s: float) -> bool:
        loop = asyncio.get_running_loop()
        until = loop.time() + delay_s
        while loop.time() < until:
            if self._interrupted:
                return True
            await asyncio.sleep(INTERRUPTION_POLL_S)
        return self._interrupted
