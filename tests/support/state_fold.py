"""Fold: what the agents make of the input of a detector, without broker, crash or batches."""

from collections import defaultdict

from aiokafka import ConsumerRecord

from agents.ingest_positions import ingest_positions
from agents.score import score
from agents.testing import InMemoryBatch
from app.security.agent_context import agent_context
from app.settings import Settings
from tests.support.stream import stream

AT_ONCE_MAX = 5_000
"""What an agent sends stays in memory until it returns."""


async def folded(settings: Settings) -> dict[bytes, bytes]:
    """The rows of the table after both topics, one after the other."""
    rows: dict[bytes, bytes] = {}
    context = agent_context(settings)
    for topic, agent in ((settings.topics.locations, ingest_positions), (settings.topics.transactions, score)):
        waiting: defaultdict[int, list[ConsumerRecord]] = defaultdict(list)
        async for record in stream(settings, topic):
            waiting[record.partition].append(record)
            if len(waiting[record.partition]) >= AT_ONCE_MAX:
                agent(InMemoryBatch(waiting.pop(record.partition), rows), context)
        for records in waiting.values():
            agent(InMemoryBatch(records, rows), context)
    return rows


def is_the_same_in_any_order(key: bytes) -> bool:
    """Of a row: how often a payment was looked at depends on which topic was read first; the rest does not."""
    return b"\0book" not in key and b"\0case-" not in key
