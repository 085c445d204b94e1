"""Checkpoints: their keys and values in the changelog."""

from faust.types import TP

from app.stream.output.producer import Message
from app.stream.state.checkpoint import Checkpoint


def test_a_checkpoint_is_loaded_as_it_was_dumped() -> None:
    checkpoint = Checkpoint(7, {"verdicts": [Message(b"k", b"v"), Message(None, b"w")]})
    assert Checkpoint.load(checkpoint.dump()) == checkpoint
    assert Checkpoint.next_offset_of(checkpoint.dump()) == 7
    assert Checkpoint.next_offset_of(None) == 0


def test_the_key_of_a_checkpoint_names_its_source_and_is_no_device_id() -> None:
    key = Checkpoint.key(TP("my-locations", 3))
    assert key == b"\0my-locations-3"
    assert Checkpoint.source_of(key) == TP("my-locations", 3)
    assert [Checkpoint.is_key(other) for other in (key, b"phone", b"phone\0book", b"\0\0of-no-device", b"")] == [
        *(True, False, False, False, False)
    ]
