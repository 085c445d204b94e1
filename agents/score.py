"""Score: a payment is masked, held against its device's memory, and answered with one verdict."""

from agents.batch import Batch, Record
from agents.device import Devices
from agents.policy import Policy
from agents.refuse import dead_letter
from agents.rules.decide import Finding, Spot, decide
from agents.rules.history import Track
from agents.rules.verdict import compose, rule_of
from schemas.payment import Payment, parse_payment
from schemas.reject import Reject, RejectCode
from schemas.verdict import MaskedPayment, Outcome, Rule, Status, Verdict, encode_verdict

FIRST_REVISION = 1


def score(batch: Batch, policy: Policy) -> None:
    """One verdict for every payment of the batch, and one dead letter for every record that is none.

    A transaction id that its device has had before is passed over: the first answer stands.
    """
    devices, rule = Devices(batch), rule_of(policy.preset)
    for record in batch.records:
        payment = _read(record, policy)
        if isinstance(payment, Reject):
            batch.send(policy.topics.dead_letters, None, dead_letter(record, payment, policy.masker))
            continue
        masked, key = policy.masker.mask(payment), payment.device_id.encode()
        if devices[key].judge_once(masked.id, record.timestamp):
            finding = find(payment, devices[key], policy)
            _publish(batch, key, provisional(masked, finding, rule), policy)
    devices.save()


def find(payment: Payment, track: Track, policy: Policy) -> Finding:
    """The finding for a payment from what is remembered of its phone."""
    return decide(_spot(payment), track, policy.preset)


def provisional(masked: MaskedPayment, finding: Finding, rule: Rule) -> Verdict:
    """The answer at the moment of the payment; already final when a later fix was known."""
    status = Status.FINAL if finding.settled else Status.PROVISIONAL
    return compose(masked, finding, rule, status, FIRST_REVISION)


def _read(record: Record, policy: Policy) -> Payment | Reject:
    payment = parse_payment(record.value, luhn=policy.luhn)
    if isinstance(payment, Payment) and record.key != payment.device_id.encode():
        return Reject(RejectCode.KEY_MISMATCH, ("device_id",))
    return payment


def _spot(payment: Payment) -> Spot | None:
    if payment.latitude is None or payment.longitude is None:
        return None
    return Spot(payment.latitude, payment.longitude, payment.location_accuracy_m, payment.at_us)


def _publish(batch: Batch, key: bytes, verdict: Verdict, policy: Policy) -> None:
    value = encode_verdict(verdict)
    batch.send(policy.topics.verdicts, key, value)
    if verdict.verdict is Outcome.SUSPECT:
        batch.send(policy.topics.suspects, key, value)
