"""Score: a payment is masked, held against its device's memory, and answered at once."""

from agents.batch import Batch, Record
from agents.context import AgentContext
from agents.dead_letter import dead_letter
from agents.reevaluation import send
from agents.rules.decision.assessment import NO_PLACE
from agents.rules.decision.payment_location import PaymentLocation
from agents.rules.publish.verdict import compose, rule_of
from agents.state.device_state import DeviceStates
from schemas.codes.record_outcome import RecordOutcome
from schemas.codes.reject import Reject, RejectCode
from schemas.payment import Payment, parse_payment
from schemas.verdict import Status

FIRST_REVISION = 1


def score(batch: Batch, policy: AgentContext) -> None:
    """A first verdict for every payment of the batch, and one dead letter for every record that is none.

    A transaction id that its device has had before is passed over: the first answer stands. So is a payment from
    before its device was forgotten.
    """
    devices, rule = DeviceStates(batch, policy), rule_of(policy.preset)
    for record in batch.records:
        payment = _read(record, policy)
        if isinstance(payment, Reject):
            batch.count(payment.code)
            batch.send(policy.topics.dead_letters, None, dead_letter(record, payment, policy.masker))
            continue
        key = payment.device_id.encode()
        if min(payment.at_us // 1000, record.timestamp) <= devices[key].forgotten_ms:
            batch.count(RecordOutcome.FORGOTTEN)
            continue
        masked, aliases = policy.masker.mask(payment), policy.masker.aliases(payment)
        if not devices[key].is_new(masked.id, record.timestamp, aliases):
            batch.count(RecordOutcome.REPEATED)
            continue
        batch.count(RecordOutcome.ANSWERED)
        spot = spot_of(payment)
        if spot is None:
            send(batch, key, compose(masked, NO_PLACE, rule, Status.FINAL, FIRST_REVISION), policy, accused=False)
        else:
            devices[key].add_payment(masked, spot, record.timestamp, aliases)
    devices.finish()


def spot_of(payment: Payment) -> PaymentLocation | None:
    """Where it was made; None: it does not say, so nothing can be said of it. Null island is no place, as for fixes."""
    if payment.latitude is None or payment.longitude is None or payment.latitude == payment.longitude == 0:
        return None
    return PaymentLocation(payment.latitude, payment.longitude, payment.location_accuracy_m, payment.at_us)


def _read(record: Record, policy: AgentContext) -> Payment | Reject:
    payment = parse_payment(record.value, luhn=policy.luhn)
    if isinstance(payment, Payment) and record.key != payment.device_id.encode():
        return Reject(RejectCode.KEY_MISMATCH, ("device_id",))
    return payment
