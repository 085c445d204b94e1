"""Tick: time passes on a partition where nothing else happens."""

from agents.batch import Batch
from agents.context import AgentContext
from schemas.codes.record_outcome import RecordOutcome


def tick(batch: Batch, policy: AgentContext) -> None:  # noqa: ARG001 - agents are called alike
    """Takes the ticks of the batch. What they are for, the upkeep of rows, is done with every batch."""
    for _ in batch.records:
        batch.count(RecordOutcome.TICKED)
