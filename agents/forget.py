"""Forget: the agent that deletes the state of a device and announces its erasure under the device's tokens."""

from agents.batch import Batch, Record
from agents.context import AgentContext
from agents.dead_letter import dead_letter
from agents.state.erasure_tombstones import ErasureTombstones
from agents.state.open_payments import OpenPayments
from agents.state.position_history import PositionHistory
from agents.state.seen_transactions import SeenTransactions
from schemas.codes.record_outcome import RecordOutcome
from schemas.codes.reject import Reject, RejectCode
from schemas.erasure import Erasure, ErasureRequest, RemovedItem, encode_erasure, parse_request
from schemas.json.timestamps import format_us


def forget(batch: Batch, context: AgentContext) -> None:
    """Delete the rows of every device that the batch names, open payments included.

    The tombstone is written in the same batch. The erasure goes to the topics of the sinks, behind every verdict about
    the device. It has no key and no device id, only the tokens under every recognised masking key. Idempotent: a repeat
    removes nothing more.
    """
    tombstones = ErasureTombstones(batch, context.masker)
    for record in batch.records:
        request = _read(record)
        if isinstance(request, Reject):
            batch.count(request.code)
            batch.send(context.topics.dead_letters, None, dead_letter(record, request, context.masker))
            continue
        device = request.device_id.encode()
        payments = OpenPayments(batch, device)
        open_payments = len(list(payments.open))
        keys = [*PositionHistory(batch, device).keys, *payments.keys, *SeenTransactions(batch, device).keys]
        rows = _delete(batch, keys)
        tombstones.add(device, record.timestamp)
        erasure = Erasure(
            device_tokens=context.masker.tokens("device", device),
            request=record.offset,
            forgotten_at=format_us(1000 * record.timestamp),
            rows=rows,
            open_payments=open_payments,
        )
        for topic in context.topics.stored:
            batch.send(topic, None, encode_erasure(erasure))
        batch.count(RecordOutcome.ERASED)
        batch.count(RemovedItem.ROW, rows)
        batch.count(RemovedItem.OPEN_PAYMENT, open_payments)


def _delete(batch: Batch, keys: list[bytes]) -> int:
    """Delete the rows and return how many existed.

    Keys without a row get a delete marker as well, which is harmless.
    """
    existing = sum(batch.get(key) is not None for key in keys)
    for key in keys:
        batch.put(key, None)
    return existing


def _read(record: Record) -> ErasureRequest | Reject:
    request = parse_request(record.value)
    if isinstance(request, ErasureRequest) and record.key != request.device_id.encode():
        return Reject(RejectCode.KEY_MISMATCH, ("device_id",))
    return request
