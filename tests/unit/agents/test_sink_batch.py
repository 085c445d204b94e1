"""Sink batch: documents and erasures of a batch of records."""

from collections.abc import Iterator

import pytest

from agents.forget import forget
from agents.sink_batch import read_batch
from schemas.codes.reject import RejectCode
from schemas.erasure import Erasure, encode_erasure, parse_erasure
from schemas.feedback import encode_feedback, parse_feedback
from schemas.verdict import encode_verdict
from tests.support.batch import CONTEXT, FakeBatch, FakeRecord, keyed
from tests.support.make import NOON_MS, feedback, verdict


def erasure_records(topic: str) -> Iterator[bytes]:
    """Return the values that an erasure of phone-1 sends to a topic."""
    batch = FakeBatch([keyed({"device_id": "phone-1"}, timestamp=NOON_MS)])
    forget(batch, CONTEXT)
    return batch.values(topic)


def verdict_record(number: int, device: str, revision: int = 1) -> FakeRecord:
    published = verdict(number, device_token=CONTEXT.masker.token("device", device), revision=revision)
    return FakeRecord(device.encode(), encode_verdict(published))


def test_a_sink_deletes_first_and_stores_later_documents() -> None:
    (erasure,) = erasure_records("verdicts")
    records = [
        verdict_record(1, "phone-1", 2),
        verdict_record(2, "phone-2"),
        FakeRecord(None, erasure),
        verdict_record(3, "phone-1"),
    ]
    sink_batch = read_batch(records)
    assert set(sink_batch.erased_tokens) == {CONTEXT.masker.token("device", "phone-1")}
    assert [one.transaction_id for _, one in sink_batch.documents.values()] == ["tx-2", "tx-3"]
    assert (sink_batch.rejected, sink_batch.erasures) == ((), 1)


def test_feedback_before_an_erasure_is_deleted_and_later_feedback_stored() -> None:
    (erasure,) = erasure_records("feedback")
    tokens = [CONTEXT.masker.token("device", device) for device in ("phone-1", "phone-2", "phone-1")]
    given = [feedback(number, device_token=token) for number, token in enumerate(tokens)]
    before, other, after = [FakeRecord(b"k", encode_feedback(one)) for one in given]
    sink_batch = read_batch([before, other, FakeRecord(None, erasure), after], parse_feedback)
    assert set(sink_batch.erased_tokens) == {tokens[0]}
    assert [one for _, one in sink_batch.documents.values()] == given[1:]
    assert (sink_batch.rejected, sink_batch.erasures) == ((), 1)


def test_verdicts_feedback_and_erasures_are_never_confused() -> None:
    assert parse_erasure(encode_verdict(verdict())) is None
    assert parse_erasure(encode_feedback(feedback())) is None
    assert [parse_erasure(value) for value in (None, b"", b"junk", b"{}", b"\xff", b"[" * 100_000)] == [None] * 6
    sink_batch = read_batch([FakeRecord(None, b'{"device_tokens":[]}')])
    assert [reject.code for _, reject in sink_batch.rejected] == [RejectCode.MISSING]


@pytest.mark.parametrize("tokens", [(), ("",), ("phone-1",), ("card_k1_" + 52 * "A",), ("device_k1_" + 51 * "A",)])
def test_an_erasure_without_a_device_token_deletes_nothing(tokens: tuple[str, ...]) -> None:
    bad = Erasure(device_tokens=tokens, request=0, forgotten_at="", rows=0, open_payments=0)
    assert parse_erasure(encode_erasure(bad)) is None


def test_a_sink_batch_keeps_the_highest_revision_of_a_payment() -> None:
    records = [
        FakeRecord(b"k", encode_verdict(verdict(1, revision=revision)), offset=offset)
        for offset, revision in enumerate((1, 3, 2))
    ]
    sink_batch = read_batch([*records, FakeRecord(b"k", b"junk")])
    assert [one.revision for _, one in sink_batch.documents.values()] == [3]
    assert [reject.code for _, reject in sink_batch.rejected] == ["not-json"]
