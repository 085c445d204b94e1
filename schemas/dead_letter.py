"""Dead letters: source topic, partition, offset and reject code of a rejected record, without its content."""

import msgspec

from schemas.codes.reject import RejectCode


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A pointer to a rejected record. `payload_hash` is keyed, so that nobody can guess the payload from it."""

    topic: str
    partition: int
    offset: int
    code: RejectCode
    fields: tuple[str, ...]
    payload_hash: str
    payload_bytes: int


def encode_dead_letter(letter: DeadLetter) -> bytes:
    """Return the record value."""
    return msgspec.json.encode(letter)


def decode_dead_letter(value: bytes) -> DeadLetter:
    """Return the dead letter in a record's value.

    Raises:
        msgspec.ValidationError: the value is not a dead letter.
    """
    return msgspec.json.decode(value, type=DeadLetter)
