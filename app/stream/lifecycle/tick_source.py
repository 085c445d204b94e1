"""Clock: lets time pass on partitions where nothing else tells it.

What a worker does after a while, such as giving a payment its last word when the phone stays silent, it does with a
batch, under the guarantees of batches, and by the timestamps of records. Where none come that tell the time, the worker
that has the partition writes one itself, a tick, onto a topic of its own.
"""

import asyncio
import logging
from time import monotonic
from typing import TYPE_CHECKING, Final

from aiokafka.errors import KafkaError
from mode import Service

from app.stream.output.producer import Message, Producer
from app.stream.source.consumer import Consumer
from app.stream.state.durable_table import DurableTable

if TYPE_CHECKING:
    from app.stream.worker import StreamApp

log = logging.getLogger(__name__)

TICK_S: Final = 10.0
"""What waits for it waits for hours; a day of ticks is less than a megabyte a partition."""

DELIVER_WITHIN_S: Final = 10.0
TICK: Final = Message(None, b"{}")


class TickSource(Service):
    """Runs as long as the app. Not a moment is lost with a tick that cannot be written: the next one says the same."""

    def __init__(self, app: "StreamApp", table: DurableTable, topic: str) -> None:
        self._app = app
        self._table = table
        self._topic = topic
        super().__init__()

    @Service.task
    async def _run(self) -> None:
        while not self.should_stop:
            await self.sleep(1.0)
            for partition in self._idle():
                try:
                    async with asyncio.timeout(DELIVER_WITHIN_S):
                        await self._producer.write(self._topic, partition, [TICK])
                except (KafkaError, TimeoutError) as error:
                    log.warning("no tick was written (%s)", type(error).__name__)

    def _idle(self) -> list[int]:
        """The partitions of ours where nothing has been done for a tick's length. None while things are in motion."""
        if not self._app.is_ready:
            return []
        ours = {tp.partition for tp in Consumer.of(self._app).assignment() if tp.topic == self._topic}
        return sorted(ours & self._table.idle(monotonic() - TICK_S))

    @property
    def _producer(self) -> Producer:
        return Producer.of(self._app)
