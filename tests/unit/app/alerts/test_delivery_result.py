"""The result of a delivery attempt over HTTP."""

import pytest

from app.alerts.delivery_result import (
    Delivered,
    DeliveryResult,
    Rejected,
    Retryable,
    parse_retry_after,
    result_of_status,
)


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
def test_a_status_is_delivered_rejected_or_retryable(
    status: int, retry_after: str | None, expected: DeliveryResult
) -> None:
    assert result_of_status(status, retry_after, 1_795_262_400.0) == expected


@pytest.mark.parametrize("header", ["", " ", "\0", "1e9", "٣", "Sat, 99 Nov 99999", "x" * 9999])
def test_an_unreadable_retry_after_is_ignored(header: str) -> None:
    assert parse_retry_after(header, 0.0) is None
