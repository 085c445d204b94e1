"""Mark: written with the rows of each batch. How far its source has been read, and what is to be sent."""

from typing import Final, NamedTuple, Self

import msgspec
from faust.types import TP

from app.stream.output.producer import Message

_OFFSET_BYTES: Final = 8
_decode_outputs = msgspec.msgpack.Decoder(dict[str, list[Message]]).decode


class Checkpoint(NamedTuple):
    """The last batch of one source partition. `outputs`, by topic, are sent again after a crash, byte for byte."""

    next_offset: int
    outputs: dict[str, list[Message]]

    @staticmethod
    def key(source: TP) -> bytes:
        """Its key in the changelog. Begins with a zero byte, as no device id does."""
        return b"\0%s-%d" % (source.topic.encode(), source.partition)

    @staticmethod
    def is_key(key: bytes) -> bool:
        """It is that of a mark. Cells that belong to no device begin with two zero bytes."""
        return key[:1] == b"\0" != key[1:2]

    @staticmethod
    def source_of(key: bytes) -> TP:
        """The inverse of `key`."""
        topic, _, number = key[1:].decode().rpartition("-")
        return TP(topic, int(number))

    def dump(self) -> bytes:
        return self.next_offset.to_bytes(_OFFSET_BYTES) + msgspec.msgpack.encode(self.outputs)

    @staticmethod
    def next_offset_of(value: bytes | None) -> int:
        """Just how far the source has been read; the outputs can be megabytes and are needed only after a crash."""
        return 0 if value is None else int.from_bytes(value[:_OFFSET_BYTES])

    @classmethod
    def load(cls, value: bytes) -> Self:
        return cls(cls.next_offset_of(value), _decode_outputs(value[_OFFSET_BYTES:]))
