"""Locate: the fixes of a push go into its device's memory, and payments that were waiting for them are reviewed."""

from agents.batch import Batch, Record
from agents.device import Devices
from agents.policy import Policy
from agents.refuse import dead_letter
from agents.rules.track import pack_push
from schemas.push import Push, parse_push
from schemas.reject import Reject, RejectCode
from schemas.tally import Tally


def locate(batch: Batch, policy: Policy) -> None:
    """Takes in every push of the batch. A repeated push changes nothing; what is none becomes a dead letter."""
    devices, taken = Devices(batch, policy), 0
    for record in batch.records:
        push = _read(record)
        if isinstance(push, Reject):
            batch.count(push.code)
            batch.send(policy.topics.dead_letters, None, dead_letter(record, push, policy.masker))
        else:
            taken += 1
            packed = pack_push(push, record.timestamp)
            for fault in packed.faults:
                batch.count(fault)
            devices[push.device_id.encode()].hear(packed, record.timestamp)
    batch.count(Tally.TAKEN, taken)
    devices.finish()


def _read(record: Record) -> Push | Reject:
    push = parse_push(record.value)
    if isinstance(push, Push) and record.key != push.device_id.encode():
        return Reject(RejectCode.KEY_MISMATCH, ("device_id",))
    return push
