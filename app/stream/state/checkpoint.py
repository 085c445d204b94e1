"""Checkpoints: the progress of one source partition, written together with the rows of each batch."""

from typing import Final, NamedTuple, Self

import msgspec
from faust.types import TP

from app.stream.output.producer import Message

_OFFSET_BYTES: Final = 8
_decode_outputs = msgspec.msgpack.Decoder(dict[str, list[Message]]).decode


class Checkpoint(NamedTuple):
    """The last batch of one source partition.

    `next_offset`: the next offset of the source. `outputs`: by topic, sent again after a crash, byte for byte.
    """

    next_offset: int
    outputs: dict[str, list[Message]]

    @staticmethod
    def key(source: TP) -> bytes:
        """Return the changelog key of the source's checkpoint. It begins with a zero byte, as no device id does."""
        return b"\0%s-%d" % (source.topic.encode(), source.partition)

    @staticmethod
    def is_key(key: bytes) -> bool:
        """Return whether the key is that of a checkpoint. Rows of no device begin with two zero bytes."""
        return key[:1] == b"\0" != key[1:2]

    @staticmethod
    def source_of(key: bytes) -> TP:
        """Return the source of a checkpoint's key. Inverse of `key`."""
        topic, _, number = key[1:].decode().rpartition("-")
        return TP(topic, int(number))

    def dump(self) -> bytes:
        """Return the value of this checkpoint in the changelog."""
        return self.next_offset.to_bytes(_OFFSET_BYTES) + msgspec.msgpack.encode(self.outputs)

    @staticmethod
    def next_offset_of(value: bytes | None) -> int:
        """Return only the next offset of a value; 0 without one.

        The outputs may have megabytes, and only a crash needs them.
        """
        return 0 if value is None else int.from_bytes(value[:_OFFSET_BYTES])

    @classmethod
    def load(cls, value: bytes) -> Self:
        """Return the checkpoint of a value. Inverse of `dump`."""
        return cls(cls.next_offset_of(value), _decode_outputs(value[_OFFSET_BYTES:]))
