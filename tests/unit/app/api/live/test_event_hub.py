"""The event hub: every page ends with the newest revisions, without duplicates, in any order of events."""

from hypothesis import given
from hypothesis import strategies as st

from app.api.live.event_hub import CASES_PER_EVENT_MAX, FRAMES_MAX
from tests.support.live_cases import LivePage, id_of, suspect, topic_and_hub


def test_a_page_receives_a_snapshot_and_then_the_changes() -> None:
    topic, hub = topic_and_hub()
    topic.publish(suspect(1), suspect(2))
    page = LivePage()
    page.connect(hub)
    assert page.names == ["hello", "snapshot"]
    assert list(page.shown) == [id_of(2), id_of(1)], "newest first"
    topic.publish(suspect(2, 2), suspect(3))
    hub.emit_cases()
    hub.emit_pulse(1000.0)
    page.read_next(hub)
    assert page.names[2:] == ["cases", "pulse"]
    assert page.shown == {id_of(1): 1, id_of(2): 2, id_of(3): 1}
    assert hub.next_for(page.subscriber) == b""


def test_an_event_has_only_the_newest_revision_and_no_duplicates() -> None:
    topic, hub = topic_and_hub()
    page = LivePage()
    page.connect(hub)
    topic.publish(suspect(1), suspect(1, 2), suspect(1, 2), suspect(1))
    hub.emit_cases()
    page.read_next(hub)
    topic.publish(suspect(1, 2))
    hub.emit_cases()
    page.read_next(hub)
    assert page.received == [(id_of(1), 2)]


def test_a_page_that_reconnects_receives_the_pending_revisions() -> None:
    topic, hub = topic_and_hub()
    topic.publish(*[suspect(number) for number in range(40)])
    page = LivePage()
    page.connect(hub)
    topic.publish(*[suspect(number, 2) for number in range(40)])
    hub.emit_cases()
    page.read_next(hub)
    assert sum(revision == 2 for revision in page.shown.values()) == CASES_PER_EVENT_MAX
    page.connect(hub)
    assert page.shown == {id_of(number): 2 for number in range(40)}


def test_a_page_that_missed_more_than_the_cache_holds_gets_a_snapshot() -> None:
    topic, hub = topic_and_hub(capacity=5)
    topic.publish(suspect(1))
    page = LivePage()
    page.connect(hub)
    topic.publish(*[suspect(number) for number in range(2, 20)])
    page.connect(hub)
    assert page.names == ["hello", "snapshot", "hello", "snapshot"]
    assert page.shown.keys() == {id_of(number) for number in range(15, 20)}


def test_a_slow_page_receives_a_summary() -> None:
    topic, hub = topic_and_hub()
    page = LivePage()
    page.connect(hub)
    for revision in range(1, FRAMES_MAX + 3):
        topic.publish(suspect(1, revision))
        hub.emit_cases()
    page.read_next(hub)
    assert page.received == [(id_of(1), FRAMES_MAX + 2)]
    assert page.names == ["hello", "snapshot", "cases"]
    assert hub.skipped == FRAMES_MAX + 2


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("publish"), st.integers(0, 30), st.integers(1, 4)),
            st.tuples(st.just("erase"), st.integers(0, 3), st.just(0)),
            st.tuples(st.sampled_from(["tick", "read", "connect", "restart"]), st.just(0), st.just(0)),
            st.tuples(st.just("break"), st.integers(0, 3), st.just(0)),
        ),
        max_size=60,
    ),
    st.sampled_from([3, 10, 500]),
)
def test_a_page_ends_with_the_newest_revisions_after_any_events(
    steps: list[tuple[str, int, int]], capacity: int
) -> None:
    """A page may show older cases than the cache holds, but none that was erased and no outdated revision."""
    topic, hub = topic_and_hub(capacity)
    newest: dict[str, int] = {}
    page = LivePage()
    page.connect(hub)
    for step, number, revision in steps:
        if step == "publish":
            topic.publish(suspect(number, revision))
            newest[id_of(number)] = max(revision, newest.get(id_of(number), 0))
        elif step == "erase":
            topic.erase(f"device_k1_{number}")
            newest = {id_: seen for id_, seen in newest.items() if int(id_[-4:]) % 4 != number}
        elif step == "tick":
            hub.emit_cases()
            hub.emit_pulse(1000.0)
        elif step == "restart":
            hub = topic.new_hub()
            page.connect(hub)
        elif step == "break":  # within the events of one read
            page.read_next(hub, limit=number)
            page.connect(hub)
        elif step == "connect":
            page.connect(hub)
        else:
            page.read_next(hub)
    for _ in range(4):
        hub.emit_cases()
        page.read_next(hub)
    kept = {case.id: case.revision for case in topic.cache.all()}
    assert {id_: page.shown.get(id_) for id_ in kept} == kept
    assert {id_: newest[id_] for id_ in page.shown} == page.shown
