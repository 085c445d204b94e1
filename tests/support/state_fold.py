"""Fold: what the agents make of the input of a detector, without broker, crash or batches."""

from collections import defaultdict

from aiokafka import ConsumerRecord

from agents.ingest_positions import ingest_positions
from agents.score import score
from agents.testing import InMemoryBatch
from app.settings.settings import Settings
from tests.support.stream import stream

AT_ONCE_MAX = 5_000
"""What an agent sends stays in memory until it returns."""


async def folded(settings: Settings) -> dict[bytes, bytes]:
    """The rows of the table after both topics, one after the other."""
    rows: dict[bytes, bytes] = {}
    for topic, agent in ((settings.topics.locations, ingest_positions), (settings.topics.transactions, score)):
        waiting: defaultdict[int, list[ConsumerRecord]] = defaultdict(list)
        async for record in stream(settings, topic):
            waiting[record.partition].append(record)
            if len(waiting[record.partition]) >= AT_ONCE_MAX:
                agent(InMemoryBatch(waiting.pop(record.partition), rows), settings.policy)
        for records in waiting.values():
            agent(InMemoryBatch(records, rows), settings.policy)
    return rows


def is_the_same_in_any_order(key: bytes) -> bool:
    """Of a row: how often a payment was looked at depends on which topic was read first; the rest does not."""
    return b"\0book" not in key and b"\0case-" not in key
