"""Tick: the agent that advances event time on an idle partition."""

from agents.batch import Batch
from agents.context import AgentContext
from schemas.codes.record_outcome import RecordOutcome


def tick(batch: Batch, context: AgentContext) -> None:  # noqa: ARG001 - all agents have one signature
    """Count the ticks of the batch. Their purpose, row maintenance, happens with every batch."""
    for _ in batch.records:
        batch.count(RecordOutcome.TICKED)
