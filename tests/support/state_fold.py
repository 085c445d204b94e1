"""The rows that the agents compute from the detector's input, without broker, crash or batches."""

from collections import defaultdict

from aiokafka import ConsumerRecord

from agents.ingest_positions import ingest_positions
from agents.score import score
from agents.testing import InMemoryBatch
from app.security.agent_context import agent_context
from app.settings import Settings
from tests.support.stream import stream

BATCH_MAX = 5_000
"""Records per call of an agent, which keeps its outputs in memory until it returns."""


async def fold_topics(settings: Settings) -> dict[bytes, bytes]:
    """Return the rows of the table after all positions and then all payments."""
    rows: dict[bytes, bytes] = {}
    context = agent_context(settings)
    for topic, agent in ((settings.topics.locations, ingest_positions), (settings.topics.transactions, score)):
        pending: defaultdict[int, list[ConsumerRecord]] = defaultdict(list)
        async for record in stream(settings, topic):
            pending[record.partition].append(record)
            if len(pending[record.partition]) >= BATCH_MAX:
                agent(InMemoryBatch(pending.pop(record.partition), rows), context)
        for records in pending.values():
            agent(InMemoryBatch(records, rows), context)
    return rows


def is_independent_of_order(key: bytes) -> bool:
    """Return whether a row is the same in whichever order the topics are read.

    The rows of open payments are not, because they count evaluations.
    """
    return b"\0book" not in key and b"\0case-" not in key
