"""Forget: all rows of a device go, and everyone who keeps what was said of it is told, under its tokens."""

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


def forget(batch: Batch, policy: AgentContext) -> None:
    """Takes out of the table what is known of every device the batch names, open payments too.

    The rows go in the same write as the mark. What is said of it goes to the topics of the sinks behind all that was
    ever said of the device, without its id: without a key, and under its token of every key that is recognised. Done
    again it removes nothing more.
    """
    forgotten = ErasureTombstones(batch, policy.masker)
    for record in batch.records:
        request = _read(record)
        if isinstance(request, Reject):
            batch.count(request.code)
            batch.send(policy.topics.dead_letters, None, dead_letter(record, request, policy.masker))
            continue
        device = request.device_id.encode()
        book = OpenPayments(batch, device)
        open_payments = len(list(book.open))
        rows = _erase(
            batch, [*PositionHistory(batch, device).cells, *book.cells, *SeenTransactions(batch, device).cells]
        )
        forgotten.add(device, record.timestamp)
        erasure = Erasure(
            device_tokens=policy.masker.tokens("device", device),
            request=record.offset,
            forgotten_at=format_us(1000 * record.timestamp),
            rows=rows,
            open_payments=open_payments,
        )
        for topic in policy.topics.stored:
            batch.send(topic, None, encode_erasure(erasure))
        batch.count(RecordOutcome.ERASED)
        batch.count(RemovedItem.ROW, rows)
        batch.count(RemovedItem.OPEN_PAYMENT, open_payments)


def _erase(batch: Batch, cells: list[bytes]) -> int:
    """Deletes the cells, also where there is none: a tombstone more does no harm. How many there were."""
    there = sum(batch.get(cell) is not None for cell in cells)
    for cell in cells:
        batch.put(cell, None)
    return there


def _read(record: Record) -> ErasureRequest | Reject:
    request = parse_request(record.value)
    if isinstance(request, ErasureRequest) and record.key != request.device_id.encode():
        return Reject(RejectCode.KEY_MISMATCH, ("device_id",))
    return request
