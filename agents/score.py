"""Score: the agent that masks a payment, judges it and publishes its first verdict."""

from agents.batch import Batch, Record
from agents.context import AgentContext
from agents.dead_letter import dead_letter
from agents.judge import FIRST_REVISION, location_of, track_payment
from agents.reevaluation import send
from agents.rules.decision.assessment import NO_PLACE
from agents.rules.publish.verdict import compose
from agents.state.device_state import DeviceStates
from schemas.codes.record_outcome import RecordOutcome
from schemas.codes.reject import Reject, RejectCode
from schemas.payment import Payment, parse_payment
from schemas.verdict import Status


def score(batch: Batch, context: AgentContext) -> None:
    """Publish a first verdict for every payment of the batch, and a dead letter for every record that is no payment.

    A transaction id that the device has used before is skipped: the first verdict stands. A payment from before the
    erasure of its device is skipped also.
    """
    devices, parameters = DeviceStates(batch, context), context.parameters
    for record in batch.records:
        payment = _read(record, context)
        if isinstance(payment, Reject):
            batch.count(payment.code)
            batch.send(context.topics.dead_letters, None, dead_letter(record, payment, context.masker))
            continue
        key = payment.device_id.encode()
        if min(payment.at_us // 1000, record.timestamp) <= devices[key].erased_until_ms:
            batch.count(RecordOutcome.FORGOTTEN)
            continue
        masked, aliases = context.masker.mask(payment), context.masker.aliases(payment)
        if not devices[key].is_new(masked.id, record.timestamp, aliases):
            batch.count(RecordOutcome.REPEATED)
            continue
        batch.count(RecordOutcome.ANSWERED)
        location = location_of(payment)
        if location is None:
            verdict = compose(masked, NO_PLACE, parameters, Status.FINAL, FIRST_REVISION)
            send(batch, key, verdict, context, was_suspect=False)
        else:
            tracked = track_payment(masked, aliases, location, record.timestamp, parameters)
            devices[key].add_payment(tracked, masked)
    devices.save()


def _read(record: Record, context: AgentContext) -> Payment | Reject:
    payment = parse_payment(record.value, luhn=context.luhn)
    if isinstance(payment, Payment) and record.key != payment.device_id.encode():
        return Reject(RejectCode.KEY_MISMATCH, ("device_id",))
    return payment
