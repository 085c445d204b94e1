"""Outages of a store, as they are reported."""

from app.observability.outage import REPORT_AFTER_S, OutageTracker


def test_an_outage_is_reported_after_a_delay_until_every_write_succeeds() -> None:
    outage = OutageTracker()
    outage.failed("verdicts", "it does not answer", 100.0)
    outage.failed("suspects", "it does not answer", 103.0)
    assert (outage.duration_s(104.0), outage.message(104.0)) == (4.0, None)
    outage.recovered("verdicts")
    assert outage.message(103.0 + REPORT_AFTER_S + 1) == "nothing was stored for 6 s: it does not answer"
    outage.recovered("suspects")
    assert (outage.duration_s(200.0), outage.message(200.0)) == (0.0, None)
