"""Locate: the fixes of a push go into its device's memory, and payments that were waiting for them are reviewed."""

from agents.batch import Batch
from agents.context import AgentContext
from agents.dead_letter import dead_letter
from agents.state.device_state import DeviceStates
from schemas.codes.record_outcome import RecordOutcome
from schemas.codes.reject import Reject, RejectCode
from schemas.push import Push, parse_push


def ingest_positions(batch: Batch, policy: AgentContext) -> None:
    """Takes in every push of the batch. A repeated push changes nothing; what is none becomes a dead letter."""
    devices, taken = DeviceStates(batch, policy), 0
    for record in batch.records:
        push = parse_push(record.value)
        if isinstance(push, Push):
            key = push.device_id.encode()
            if key == record.key:
                taken += 1
                devices[key].add_fixes(push, record.timestamp)
                continue
            push = Reject(RejectCode.KEY_MISMATCH, ("device_id",))
        batch.count(push.code)
        batch.send(policy.topics.dead_letters, None, dead_letter(record, push, policy.masker))
    batch.count(RecordOutcome.TAKEN, taken)
    devices.finish()
