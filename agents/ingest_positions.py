"""Ingest positions: the agent that adds fixes to the position history and re-evaluates payments that need them."""

from agents.batch import Batch
from agents.context import AgentContext
from agents.dead_letter import dead_letter
from agents.state.device_state import DeviceStates
from schemas.codes.record_outcome import RecordOutcome
from schemas.codes.reject import Reject, RejectCode
from schemas.push import Push, parse_push


def ingest_positions(batch: Batch, context: AgentContext) -> None:
    """Add every push of the batch to its device. Idempotent: a repeated push changes nothing.

    A record that is no push becomes a dead letter.
    """
    devices, accepted = DeviceStates(batch, context), 0
    for record in batch.records:
        push = parse_push(record.value)
        if isinstance(push, Push):
            key = push.device_id.encode()
            if key == record.key:
                accepted += 1
                devices[key].add_fixes(push, record.timestamp)
                continue
            push = Reject(RejectCode.KEY_MISMATCH, ("device_id",))
        batch.count(push.code)
        batch.send(context.topics.dead_letters, None, dead_letter(record, push, context.masker))
    batch.count(RecordOutcome.TAKEN, accepted)
    devices.save()
