"""Ticks: records that advance event time on idle partitions.

A worker does delayed work, such as the final verdict on a payment whose phone stays silent, as part of a batch. So that
work has the guarantees of a batch, and its clock is the timestamps of records. Where no other record advances that
clock, the owner of the partition writes a tick to a topic of its own.
"""

import asyncio
import logging
from collections.abc import Callable
from time import monotonic
from typing import Final

from aiokafka.errors import KafkaError
from faust.types import TP
from mode import Service

from app.stream.output.producer import Message, Producer
from app.stream.state.durable_table import DurableTable
from app.stream.worker_state import WorkerState

log = logging.getLogger(__name__)

TICK_INTERVAL_S: Final = 10.0
"""Short against the hours that delayed work waits. One day of ticks is less than a megabyte per partition."""

DELIVERY_TIMEOUT_S: Final = 10.0
TICK: Final = Message(None, b"{}")


class TickSource(Service):
    """Background service that writes ticks for the idle partitions of a table.

    It drops a tick that it cannot write, because the next tick has the same effect. `assignment`: returns the
    partitions that this worker holds.
    """

    def __init__(
        self,
        state: WorkerState,
        table: DurableTable,
        topic: str,
        assignment: Callable[[], set[TP]],
        producer: Producer,
    ) -> None:
        self._state = state
        self._table = table
        self._topic = topic
        self._assignment = assignment
        self._producer = producer
        super().__init__()

    @Service.task
    async def _run(self) -> None:
        while not self.should_stop:
            await self.sleep(1.0)
            for partition in self._idle_partitions():
                try:
                    async with asyncio.timeout(DELIVERY_TIMEOUT_S):
                        await self._producer.write(self._topic, partition, [TICK])
                except (KafkaError, TimeoutError) as error:
                    log.warning("a tick was not written (%s)", type(error).__name__)

    def _idle_partitions(self) -> list[int]:
        """Return the assigned partitions that were idle for one interval. Empty while the worker is not ready."""
        if not self._state.is_ready:
            return []
        assigned = {tp.partition for tp in self._assignment() if tp.topic == self._topic}
        return sorted(assigned & self._table.idle_partitions(monotonic() - TICK_INTERVAL_S))
