"""Drain: the records of a topic are handed to a store, for as long as that takes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Final

from faust.types import TP

from agents.batch import Record
from app.errors import UnavailableError
from app.observability.catalogue import STORE_RETRIES
from app.stream.safety.fail_stop import fail_stop
from app.stream.safety.failpoint import failpoint
from app.stream.source.consumer import Consumer
from app.stream.source.fetched_batch import FetchedBatch
from app.stream.source.processed_offsets import ProcessedOffsets

if TYPE_CHECKING:
    from app.stream.worker import StreamApp

log = logging.getLogger(__name__)

FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 10.0
INTERRUPTION_POLL_S: Final = 0.1

WRITE_BATCH_MAX: Final = 1_000
"""Of a kilobyte and a half each: well below what a store takes in one request."""

WriteBatch = Callable[[Sequence[Record]], Awaitable[None]]
"""Hands the records over; when it returns they are durable. Idempotent. Raises UnavailableError to be tried again."""


class SinkWriter:
    """Delivers the slices of a topic. The position moves with each part that the store has taken."""

    def __init__(self, app: "StreamApp", deliver: WriteBatch, name: str) -> None:
        self._app = app
        self._name = name
        self._deliver = deliver
        self._part_max = WRITE_BATCH_MAX

    async def __call__(self, given: FetchedBatch) -> None:
        """Never raises. Returns early on shutdown and in a rebalance: whoever is next goes on after the last part."""
        source = given.source
        try:
            done = self._positions[source]
            if given.start_offset > done:
                if self._interrupted:
                    return  # the slice before was let go of
                raise RuntimeError(f"records {done} to {given.start_offset - 1} never came")
            await self._until_taken([record for record in given.records if record.offset >= done])
        except BaseException as error:  # noqa: BLE001 - a cancellation, too, would be acked
            fail_stop(f"a delivery from {source.topic} {source.partition} is half done", error)

    async def _until_taken(self, records: Sequence[Record]) -> None:
        """Returns when all is delivered, or when this process shall let go of the partition.

        In parts: a store that is too slow for one gets half as much the next time, and so gets on. What it has taken
        is done, whatever becomes of the rest: nothing is delivered or counted twice for having been interrupted.
        """
        pause_s, waited = FIRST_PAUSE_S, False
        while records:
            part = records[: self._part_max]
            failpoint("delivering")
            try:
                await self._deliver(part)
            except UnavailableError as error:
                self._app.sink_outage.failed(self._name, str(error), monotonic())
                self._app.metrics.add(STORE_RETRIES)
                if not waited:
                    log.warning("%s; %d records wait", error, len(records))
                waited, self._part_max = True, max(1, len(part) // 2)
                if await self._interrupted_within(pause_s):
                    self._app.sink_outage.recovered(self._name)  # whoever has the partition next will find out anew
                    return
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                continue
            failpoint("delivered")
            last = part[-1]
            self._positions.advance(TP(last.topic, last.partition), last.offset + 1)
            self._app.sink_outage.recovered(self._name)
            if waited:
                log.info("the store answers again")
            pause_s, waited = FIRST_PAUSE_S, False
            records, self._part_max = records[len(part) :], min(2 * self._part_max, WRITE_BATCH_MAX)
            if records and self._interrupted:
                return

    @property
    def _positions(self) -> ProcessedOffsets:
        return Consumer.of(self._app).positions

    @property
    def _interrupted(self) -> bool:
        return bool(self._app.should_stop or self._app.rebalancing)

    async def _interrupted_within(self, pause_s: float) -> bool:
        loop = asyncio.get_running_loop()
        until = loop.time() + pause_s
        while loop.time() < until:
            if self._interrupted:
                return True
            await asyncio.sleep(INTERRUPTION_POLL_S)
        return self._interrupted
