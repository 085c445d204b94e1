"""Messages split into record batches."""

from app.stream.output.producer import TOPIC_BATCH_BYTES, Message, split_into_batches


def test_messages_are_split_into_batches_that_every_topic_accepts() -> None:
    messages = [Message(b"k", b"x" * (TOPIC_BATCH_BYTES // 3)) for _ in range(5)]
    assert [len(part) for part in split_into_batches(messages)] == [2, 2, 1]
    assert list(split_into_batches([])) == []
