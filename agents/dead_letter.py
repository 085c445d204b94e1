"""Dead letter: the record that describes an unusable record."""

from agents.batch import Record
from agents.rules.publish.mask import Masker
from schemas.codes.reject import Reject
from schemas.dead_letter import DeadLetter, encode_dead_letter


def dead_letter(record: Record, reject: Reject, masker: Masker) -> bytes:
    """Return the dead letter of a record: its topic, partition, offset and reject code, without its content."""
    payload = record.value or b""
    letter = DeadLetter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        code=reject.code,
        fields=reject.fields,
        payload_hash=masker.token("payload", payload),
        payload_bytes=len(payload),
    )
    return encode_dead_letter(letter)
