"""What is kept of a record that could not be used: where it lies and why, never what it says."""

import msgspec

from schemas.codes.reject import RejectCode


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A pointer to a record. `payload_hash` is keyed, so that the payload cannot be guessed from it."""

    topic: str
    partition: int
    offset: int
    code: RejectCode
    fields: tuple[str, ...]
    payload_hash: str
    payload_bytes: int


def encode_dead_letter(letter: DeadLetter) -> bytes:
    """The record value."""
    return msgspec.json.encode(letter)


def decode_dead_letter(value: bytes) -> DeadLetter:
    """The dead letter in a record's value.

    Raises:
        msgspec.ValidationError: it is none.
    """
    return msgspec.json.decode(value, type=DeadLetter)
