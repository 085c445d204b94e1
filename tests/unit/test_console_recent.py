"""The console's memory of cases, and what a page is told: nothing is lost, nothing comes twice, in whatever order."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.live.case_cache import CaseCache
from app.api.live.event_hub import CASES_PER_EVENT_MAX, FRAMES_MAX, EventHub, Subscriber
from app.api.live.resume_token import START, decode, encode
from app.api.live.state import LiveState
from app.api.live.statistics import HighValue, LiveStatistics
from schemas.verdict import Outcome, Verdict
from tests.support.make import verdict

PARTITIONS = 3


def suspect(number: int, revision: int = 1, **changes: Any) -> Verdict:
    device = f"device_k1_{number % 4}"
    return verdict(number, **{"verdict": Outcome.SUSPECT, "revision": revision, "device_token": device} | changes)


@dataclass
class Topic:
    """The topic of suspects, as the console reads it. Devices keep to their partition."""

    recent: CaseCache = field(default_factory=lambda: CaseCache(PARTITIONS))
    ends: list[int] = field(default_factory=lambda: [0] * PARTITIONS)
    at_ms: int = 0

    def say(self, *verdicts: Verdict) -> None:
        for one in verdicts:
            self.recent.add(one, *self._place(one.device_token), self._next_ms())

    def forget(self, device_token: str) -> None:
        self.recent.erase((device_token,), *self._place(device_token))

    def _place(self, device_token: str) -> tuple[int, int]:
        partition = int(device_token[-1]) % PARTITIONS
        self.ends[partition] += 1
        return partition, self.ends[partition] - 1

    def _next_ms(self) -> int:
        self.at_ms += 1
        return self.at_ms


@dataclass
class Page:
    """What a page shows that does as console-api says."""

    reader: Subscriber = field(default_factory=lambda: Subscriber(None))
    cursor: str = ""
    shown: dict[str, int] = field(default_factory=dict)
    told: list[tuple[str, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def connect(self, broadcast: EventHub) -> None:
        self.reader = Subscriber(decode(self.cursor, PARTITIONS))
        self.hear(broadcast.subscribe(self.reader))

    def hear(self, said: bytes, most: int = 10_000) -> None:
        """Reads at most so many events, then the connection breaks."""
        for cursor, name, data in list(events(said))[:most]:
            self.names.append(name)
            if name == "snapshot":
                self.shown = {}
            if name == "gone":
                gone = [int(token[-1]) for token in data["device_tokens"]]
                self.shown = {id_: revision for id_, revision in self.shown.items() if int(id_[-4:]) % 4 not in gone}
            for case in data.get("cases", ()):
                self.told.append((case["id"], case["revision"]))
                self.shown[case["id"]] = max(case["revision"], self.shown.get(case["id"], 0))
            self.cursor = cursor


def events(said: bytes) -> Iterator[tuple[str, str, Any]]:
    for block in said.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            assert lines.keys() == {"id", "event", "data"}
            yield lines["id"], lines["event"], json.loads(lines["data"])


def made(keeps: int = 500) -> tuple[Topic, EventHub]:
    topic = Topic(CaseCache(PARTITIONS, keeps))
    topic.recent.start_at([0] * PARTITIONS)
    return topic, EventHub(LiveState(topic.recent, LiveStatistics(HighValue(1000.0, 3600))))


def id_of(number: int) -> str:
    return verdict(number).id


def test_a_page_is_shown_everything_and_then_what_changes() -> None:
    topic, broadcast = made()
    topic.say(suspect(1), suspect(2))
    page = Page()
    page.connect(broadcast)
    assert page.names == ["hello", "snapshot"]
    assert list(page.shown) == [id_of(2), id_of(1)], "newest first"
    topic.say(suspect(2, 2), suspect(3))
    broadcast.emit_cases()
    broadcast.emit_pulse(1000.0)
    page.hear(broadcast.next_for(page.reader))
    assert page.names[2:] == ["cases", "pulse"]
    assert page.shown == {id_of(1): 1, id_of(2): 2, id_of(3): 1}
    assert broadcast.next_for(page.reader) == b""


def test_only_the_newest_revision_is_in_an_event_and_copies_are_in_none() -> None:
    topic, broadcast = made()
    page = Page()
    page.connect(broadcast)
    topic.say(suspect(1), suspect(1, 2), suspect(1, 2), suspect(1))
    broadcast.emit_cases()
    page.hear(broadcast.next_for(page.reader))
    topic.say(suspect(1, 2))
    broadcast.emit_cases()
    page.hear(broadcast.next_for(page.reader))
    assert page.told == [(id_of(1), 2)]


def test_of_many_the_gravest_are_told_and_the_others_counted() -> None:
    topic, broadcast = made()
    topic.say(*[suspect(number, risk=number) for number in range(CASES_PER_EVENT_MAX + 7)])
    changes = topic.recent.take_changes(CASES_PER_EVENT_MAX)
    assert [case.risk for case in changes.cases] == list(range(CASES_PER_EVENT_MAX + 6, 6, -1))
    assert changes.dropped == 7
    assert topic.recent.take_changes(CASES_PER_EVENT_MAX).cases == ()
    assert broadcast.dropped == 0


def test_what_is_on_a_page_is_put_right_before_anything_new_however_grave() -> None:
    topic, _ = made()
    topic.say(*[suspect(number) for number in range(40)])
    topic.recent.all()
    topic.recent.take_changes(100)
    topic.say(
        *[suspect(number, 2, verdict=Outcome.CLEAR) for number in range(40)],
        *[suspect(n, risk=99) for n in range(50, 60)],
    )
    first = topic.recent.take_changes(CASES_PER_EVENT_MAX)
    assert {case.revision for case in first.cases} == {2}
    assert first.dropped == 10
    second = topic.recent.take_changes(CASES_PER_EVENT_MAX)
    assert (len(second.cases), second.dropped) == (15, 0)
    assert {case.id for case in (*first.cases, *second.cases)} == {id_of(number) for number in range(40)}


def test_a_page_that_loses_its_line_while_corrections_wait_is_told_of_them() -> None:
    topic, broadcast = made()
    topic.say(*[suspect(number) for number in range(40)])
    page = Page()
    page.connect(broadcast)
    topic.say(*[suspect(number, 2) for number in range(40)])
    broadcast.emit_cases()
    page.hear(broadcast.next_for(page.reader))
    assert sum(revision == 2 for revision in page.shown.values()) == CASES_PER_EVENT_MAX
    page.connect(broadcast)
    assert page.shown == {id_of(number): 2 for number in range(40)}


def test_a_page_that_has_missed_more_than_is_kept_starts_afresh() -> None:
    topic, broadcast = made(keeps=5)
    topic.say(suspect(1))
    page = Page()
    page.connect(broadcast)
    topic.say(*[suspect(number) for number in range(2, 20)])
    page.connect(broadcast)
    assert page.names == ["hello", "snapshot", "hello", "snapshot"]
    assert page.shown.keys() == {id_of(number) for number in range(15, 20)}


def test_a_page_that_reads_slowly_is_told_in_short() -> None:
    topic, broadcast = made()
    page = Page()
    page.connect(broadcast)
    for revision in range(1, FRAMES_MAX + 3):
        topic.say(suspect(1, revision))
        broadcast.emit_cases()
    page.hear(broadcast.next_for(page.reader))
    assert page.told == [(id_of(1), FRAMES_MAX + 2)]
    assert page.names == ["hello", "snapshot", "cases"]
    assert broadcast.skipped == FRAMES_MAX + 2


@pytest.mark.parametrize(
    "text",
    ["", START, "v", "v1.2", "v1.2.3.4", "v1.2.-3", "v1..3", "v1.2.x", "v1.2.٣", "1.2.3", "v" + "1" * 20 + ".2.3"],
)
def test_a_text_that_is_no_cursor_of_these_partitions_is_none(text: str) -> None:
    assert decode(text, PARTITIONS) is None


@given(st.tuples(*[st.integers(0, 2**63 - 1)] * PARTITIONS))
def test_a_cursor_is_read_as_it_was_written(cursor: tuple[int, ...]) -> None:
    assert decode(encode(cursor), PARTITIONS) == cursor


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("say"), st.integers(0, 30), st.integers(1, 4)),
            st.tuples(st.just("forget"), st.integers(0, 3), st.just(0)),
            st.tuples(st.sampled_from(["tick", "hear", "connect", "restart"]), st.just(0), st.just(0)),
            st.tuples(st.just("break"), st.integers(0, 3), st.just(0)),
        ),
        max_size=60,
    ),
    st.sampled_from([3, 10, 500]),
)
def test_whatever_happens_between_a_page_ends_with_what_the_server_knows(
    steps: list[tuple[str, int, int]], keeps: int
) -> None:
    """A page may show more than the newest the server keeps, but nothing that was forgotten or revised."""
    topic, broadcast = made(keeps)
    newest: dict[str, int] = {}
    page = Page()
    page.connect(broadcast)
    for what, number, revision in steps:
        if what == "say":
            topic.say(suspect(number, revision))
            newest[id_of(number)] = max(revision, newest.get(id_of(number), 0))
        elif what == "forget":
            topic.forget(f"device_k1_{number}")
            newest = {id_: seen for id_, seen in newest.items() if int(id_[-4:]) % 4 != number}
        elif what == "tick":
            broadcast.emit_cases()
            broadcast.emit_pulse(1000.0)
        elif what == "restart":
            broadcast = EventHub(LiveState(topic.recent, LiveStatistics(HighValue(1000.0, 3600))))
            page.connect(broadcast)
        elif what == "break":  # in the middle of what was sent
            page.hear(broadcast.next_for(page.reader), most=number)
            page.connect(broadcast)
        elif what == "connect":
            page.connect(broadcast)
        else:
            page.hear(broadcast.next_for(page.reader))
    for _ in range(4):
        broadcast.emit_cases()
        page.hear(broadcast.next_for(page.reader))
    kept = {case.id: case.revision for case in topic.recent.all()}
    assert {id_: page.shown.get(id_) for id_ in kept} == kept
    assert {id_: newest[id_] for id_ in page.shown} == page.shown
