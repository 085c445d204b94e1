"""The feedback writer: it shows feedback until the store has it."""

from app.api.cases.feedback_writer import PENDING_MAX, FeedbackWriter, feedback_response
from app.settings import Settings
from tests.support.make import feedback


def test_the_latest_feedback_is_tracked_until_the_store_has_it() -> None:
    writer = FeedbackWriter(Settings(_env_file=None), lambda: 0.0)
    first, second = feedback(note="first"), feedback(note="second", given_at="2026-11-21T13:00:00.000001Z")
    assert writer.latest(first.id, None) is None
    writer.observe(second)
    assert writer.latest(first.id, first) == second
    assert writer.latest(first.id, second) == second
    assert writer.latest(first.id, None) is None, "the writer no longer tracks it"


def test_the_oldest_pending_feedback_is_evicted_at_the_limit() -> None:
    writer = FeedbackWriter(Settings(_env_file=None), lambda: 0.0)
    for number in range(PENDING_MAX + 1):
        writer.observe(feedback(number))
    assert writer.latest(feedback(0).id, None) is None
    assert writer.latest(feedback(1).id, None) is not None


def test_the_page_does_not_receive_the_device_token() -> None:
    shown = set(feedback_response(feedback()).__struct_fields__)
    assert shown == {
        "id",
        "transaction_id",
        "verdict",
        "note",
        "analyst",
        "given_at",
        "revision",
    }
