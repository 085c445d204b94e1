"""The case cache: changes in order of importance."""

from app.api.live.event_hub import CASES_PER_EVENT_MAX
from schemas.verdict import Outcome
from tests.support.live_cases import id_of, suspect, topic_and_hub


def test_the_highest_risks_are_taken_and_the_others_counted() -> None:
    topic, hub = topic_and_hub()
    topic.publish(*[suspect(number, risk=number) for number in range(CASES_PER_EVENT_MAX + 7)])
    changes = topic.cache.take_changes(CASES_PER_EVENT_MAX)
    assert [case.risk for case in changes.cases] == list(range(CASES_PER_EVENT_MAX + 6, 6, -1))
    assert changes.dropped == 7
    assert topic.cache.take_changes(CASES_PER_EVENT_MAX).cases == ()
    assert hub.dropped == 0


def test_revisions_of_shown_cases_come_before_new_cases_of_any_risk() -> None:
    topic, _ = topic_and_hub()
    topic.publish(*[suspect(number) for number in range(40)])
    topic.cache.all()
    topic.cache.take_changes(100)
    topic.publish(
        *[suspect(number, 2, verdict=Outcome.CLEAR) for number in range(40)],
        *[suspect(number, risk=99) for number in range(50, 60)],
    )
    first = topic.cache.take_changes(CASES_PER_EVENT_MAX)
    assert {case.revision for case in first.cases} == {2}
    assert first.dropped == 10
    second = topic.cache.take_changes(CASES_PER_EVENT_MAX)
    assert (len(second.cases), second.dropped) == (15, 0)
    assert {case.id for case in (*first.cases, *second.cases)} == {id_of(number) for number in range(40)}
