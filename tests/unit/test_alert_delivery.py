"""What is done with an alert that is not taken, how far a channel has come, ."""

import pytest

from app.alerts.channels.signature import signature
from app.alerts.delivery_result import (
    Delivered,
    DeliveryResult,
    Rejected,
    Retryable,
    parse_retry_after,
    result_of_status,
)
from app.alerts.offset_tracker import BEYOND_MAX, CommitState, OffsetTracker
from app.alerts.partition import PartitionState, PendingAlert
from app.alerts.retry_policy import LONGEST_PAUSE_S, RetryPolicy
from app.alerts.throttle import AlertThrottle
from schemas.erasure import Erasure, encode_erasure
from schemas.verdict import encode_verdict
from tests.support.batch import FakeRecord
from tests.support.suspect import COOL_DOWN_S, DEVICE, OTHER, suspect


def test_a_webhook_is_signed_as_other_tools_would_compute_it() -> None:
    """`printf '1795262400.{"id":"a"}' | openssl dgst -sha256 -hmac 'a secret of ours'`."""
    expected = "t=1795262400,v1=488a4437f11649f26e709fe6b97691dfcd316f4fccd68d2556b768c411051f0f"
    assert signature("a secret of ours", b'{"id":"a"}', 1_795_262_400.9) == expected


@pytest.mark.parametrize(
    ("status", "retry_after", "expected"),
    [
        (200, None, Delivered("200")),
        (204, None, Delivered("204")),
        (302, None, Retryable("answered 302")),
        (400, "5", Rejected("answered 400")),
        (401, None, Rejected("answered 401")),
        (404, None, Rejected("answered 404")),
        (408, None, Retryable("answered 408")),
        (410, None, Rejected("answered 410")),
        (425, None, Retryable("answered 425")),
        (429, "7", Retryable("answered 429", 7.0)),
        (500, None, Retryable("answered 500")),
        (503, "Sat, 21 Nov 2026 12:00:10 GMT", Retryable("answered 503", 10.0)),
        (503, "Sat, 21 Nov 2026 11:00:00 GMT", Retryable("answered 503", 0.0)),
        (503, "soon", Retryable("answered 503")),
        (503, "-3", Retryable("answered 503")),
    ],
)
def test_what_a_status_means(status: int, retry_after: str | None, expected: DeliveryResult) -> None:
    assert result_of_status(status, retry_after, 1_795_262_400.0) == expected


@pytest.mark.parametrize("header", ["", " ", "\0", "1e9", "٣", "Sat, 99 Nov 99999", "x" * 9999])
def test_a_header_that_says_nothing_is_no_error(header: str) -> None:
    assert parse_retry_after(header, 0.0) is None


def test_pauses_double_up_to_a_limit_and_lie_by_chance_in_their_upper_half() -> None:
    patience = RetryPolicy(1000, 1e9)
    assert [patience.pause_s(attempts, 0, None, 1.0) for attempts in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert [patience.pause_s(attempts, 0, None, 0.0) for attempts in (1, 2, 3)] == [0.5, 1, 2]
    assert patience.pause_s(999, 0, None, 1.0) == LONGEST_PAUSE_S


@pytest.mark.parametrize(
    ("attempts", "waited_s", "asked_s", "expected"),
    [
        (2, 0.0, None, 2.0),
        (3, 0.0, None, None),
        (1, 59.0, None, 1.0),
        (1, 59.5, None, None),
        (1, 0.0, 7.0, 7.0),
        (1, 0.0, 0.1, 1.0),
        (1, 0.0, 61.0, None),
    ],
)
def test_patience_ends(attempts: int, waited_s: float, asked_s: float | None, expected: float | None) -> None:
    assert RetryPolicy(3, 60.0).pause_s(attempts, waited_s, asked_s, 1.0) == expected


def test_a_position_never_passes_what_waits() -> None:
    ledger = OffsetTracker(CommitState(10))
    for offset, waits in ((10, False), (11, True), (12, True), (13, False), (14, True)):
        assert not ledger.has_done(offset)
        ledger.passed(offset, 1000 + offset, waits=waits)
    assert (ledger.load, ledger.bookmark) == (3, CommitState(11, (), 1014))
    ledger.done([12])
    ledger.done([12, 99])
    assert (ledger.load, ledger.bookmark) == (3, CommitState(11, (12,), 1014))
    ledger.done([11])
    assert ledger.bookmark == CommitState(14, (), 1014)
    ledger.done([14])
    assert (ledger.load, ledger.bookmark) == (0, CommitState(15, (), 1014))


def test_what_was_done_beyond_the_position_is_not_done_again() -> None:
    ledger = OffsetTracker(CommitState(11, (13,), 1))
    assert [ledger.has_done(offset) for offset in (9, 10, 11, 12, 13, 14)] == [True, True, False, False, True, False]
    for offset in (9, 10):  # read again, to remember
        ledger.passed(offset, 1, waits=False)
    assert ledger.bookmark.position == 11


@pytest.mark.parametrize("bookmark", [CommitState(7), CommitState(7, (9, 12)), CommitState(0, (1,), 1_795_262_400_000)])
def test_a_bookmark_can_be_read_again(bookmark: CommitState) -> None:
    assert CommitState.parse(bookmark.position, bookmark.text) == bookmark


@pytest.mark.parametrize("text", ["", "1", "2;;4", "1;x;", "1;;4,y", "\0;;", "1;;;"])
def test_what_somebody_else_wrote_beside_a_position_says_nothing(text: str) -> None:
    assert CommitState.parse(7, text) == CommitState(7)


def test_the_fullest_bookmark_fits_beside_a_position() -> None:
    far = tuple(range(9_000_000, 9_000_000 + 2 * BEYOND_MAX))
    text = CommitState(0, far, 1_795_262_400_000).text
    assert len(text) <= 4096
    assert len(CommitState.parse(0, text).beyond) == BEYOND_MAX


def record(offset: int, value: bytes | None, at_s: float) -> FakeRecord:
    return FakeRecord(None, value, "potential_fraud_transactions", offset=offset, timestamp=round(at_s * 1000))


def suspects(count: int) -> list[FakeRecord]:
    """One of a device every ten minutes, so that every second one is held back; and the news of an erasure."""
    erasure = Erasure(device_tokens=(OTHER,), request=1, forgotten_at="", rows=1, open_payments=0)
    values = [encode_verdict(suspect(number)) for number in range(count)]
    values[count // 2] = encode_erasure(erasure)
    return [record(offset, value, 600.0 * offset) for offset, value in enumerate(values)]


def test_who_goes_on_from_a_bookmark_sends_what_was_left_and_nothing_twice() -> None:
    records = suspects(40)
    first = PartitionState(CommitState(0), AlertThrottle(70, COOL_DOWN_S))
    sent = [one for one in records[:30] if isinstance(first.read(one), PendingAlert)]
    left = [sent[3].offset, sent[7].offset]
    for one in sent:
        if one.offset not in left:
            first.done(one.offset)
    again = CommitState.parse(first.bookmark.position, first.bookmark.text)
    assert again.position == left[0]
    second = PartitionState(again, AlertThrottle(70, COOL_DOWN_S))
    resent = [one.offset for one in records[:30] if isinstance(second.read(one), PendingAlert)]
    assert resent == left
    whole = PartitionState(CommitState(0), AlertThrottle(70, COOL_DOWN_S))
    assert [second.read(one) for one in records[30:]] == [whole.read(one) for one in records][30:]


def test_a_book_tells_of_erasures_and_passes_over_what_is_no_verdict() -> None:
    book = PartitionState(CommitState(0), AlertThrottle(70, COOL_DOWN_S))
    erasure = Erasure(device_tokens=(DEVICE,), request=1, forgotten_at="", rows=1, open_payments=0)
    story = [b"{", None, encode_erasure(erasure), encode_verdict(suspect())]
    found = [book.read(record(offset, value, 0.0)) for offset, value in enumerate(story)]
    assert found[:3] == [None, None, erasure]
    assert isinstance(found[3], PendingAlert)
    assert book.bookmark.position == 3


def test_a_book_is_full_before_a_bookmark_is() -> None:
    book = PartitionState(CommitState(0), AlertThrottle(70, 0.0))
    for offset in range(BEYOND_MAX):
        assert not book.is_full
        book.read(record(offset, encode_verdict(suspect(offset)), 0.0))
    assert book.is_full
    for offset in range(1, BEYOND_MAX):
        book.done(offset)
    assert book.is_full
    book.done(0)
    assert (book.is_full, book.bookmark) == (False, CommitState(BEYOND_MAX, (), 0))
