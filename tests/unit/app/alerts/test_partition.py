"""One partition of suspects for one channel: restarts, erasures and limits."""

from app.alerts.offset_tracker import OUT_OF_ORDER_MAX, CommitState
from app.alerts.partition import PartitionState, PendingAlert
from app.alerts.throttle import AlertThrottle
from schemas.erasure import Erasure, encode_erasure
from schemas.verdict import encode_verdict
from tests.support.batch import FakeRecord
from tests.support.suspect import COOL_DOWN_S, DEVICE, OTHER, suspect


def record(offset: int, value: bytes | None, at_s: float) -> FakeRecord:
    return FakeRecord(None, value, "potential_fraud_transactions", offset=offset, timestamp=round(at_s * 1000))


def partition(committed: CommitState, cool_down_s: float = COOL_DOWN_S) -> PartitionState:
    return PartitionState(committed, AlertThrottle(70, cool_down_s))


def suspects(count: int) -> list[FakeRecord]:
    """Return a suspect of one device every ten minutes, so that every second one is suppressed, and one erasure."""
    erasure = Erasure(device_tokens=(OTHER,), request=1, forgotten_at="", rows=1, open_payments=0)
    values = [encode_verdict(suspect(number)) for number in range(count)]
    values[count // 2] = encode_erasure(erasure)
    return [record(offset, value, 600.0 * offset) for offset, value in enumerate(values)]


def test_a_restart_sends_pending_alerts_and_repeats_none() -> None:
    records = suspects(40)
    first = partition(CommitState(0))
    sent = [one for one in records[:30] if isinstance(first.read(one), PendingAlert)]
    pending = [sent[3].offset, sent[7].offset]
    for one in sent:
        if one.offset not in pending:
            first.mark_done(one.offset)
    committed = CommitState.parse(first.commit_state.offset, first.commit_state.metadata)
    assert committed.offset == pending[0]
    second = partition(committed)
    resent = [one.offset for one in records[:30] if isinstance(second.read(one), PendingAlert)]
    assert resent == pending
    whole = partition(CommitState(0))
    assert [second.read(one) for one in records[30:]] == [whole.read(one) for one in records][30:]


def test_a_partition_returns_erasures_and_skips_records_without_a_verdict() -> None:
    state = partition(CommitState(0))
    erasure = Erasure(device_tokens=(DEVICE,), request=1, forgotten_at="", rows=1, open_payments=0)
    values = [b"{", None, encode_erasure(erasure), encode_verdict(suspect())]
    found = [state.read(record(offset, value, 0.0)) for offset, value in enumerate(values)]
    assert found[:3] == [None, None, erasure]
    assert isinstance(found[3], PendingAlert)
    assert state.commit_state.offset == 3


def test_a_partition_is_full_before_its_metadata_is() -> None:
    state = partition(CommitState(0), cool_down_s=0.0)
    for offset in range(OUT_OF_ORDER_MAX):
        assert not state.is_full
        state.read(record(offset, encode_verdict(suspect(offset)), 0.0))
    assert state.is_full
    for offset in range(1, OUT_OF_ORDER_MAX):
        state.mark_done(offset)
    assert state.is_full
    state.mark_done(0)
    assert (state.is_full, state.commit_state) == (False, CommitState(OUT_OF_ORDER_MAX, (), 0))
