"""Broadcast: what pages are told, made once and kept for a few seconds. No sockets here.

A page takes it at its own pace. One that falls behind by more than is kept is told afresh from where it stopped, in
short: nobody waits for anybody.
"""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass
from typing import Final

from app.api.live import sse_events as event
from app.api.live.resume_token import START, ResumeToken, encode
from app.api.live.state import LiveState
from app.observability.console_metrics import EventType

CASES_AT_ONCE: Final = 25
FRAMES_KEPT: Final = 16
"""At most five a second are made, so these are some three seconds."""


@dataclass(frozen=True, slots=True)
class EventFrame:
    """One event for all. `number`: of all there ever were. `cursor` None: it does not say how far it goes."""

    number: int
    name: EventType
    cursor: ResumeToken | None
    data: bytes


@dataclass(slots=True)
class Subscriber:
    """How far one page is. `cursor` None: it has nothing yet."""

    cursor: ResumeToken | None
    number: int = -1


class EventHub:
    """The events, in order. All methods are quick and none waits, but `news`."""

    def __init__(self, knowledge: LiveState) -> None:
        self._knowledge = knowledge
        self._frames: deque[EventFrame] = deque(maxlen=FRAMES_KEPT)
        self._number = 0
        self._news = asyncio.Event()
        self.is_closed = False
        self.sent: Counter[EventType] = Counter()
        self.skipped = 0
        self.left_out = 0

    def make_cases(self) -> None:
        """What has changed since the last time, if anything has.

        Of two events that belong together only the last says how far they go: whoever loses the connection between
        them is told of both again.
        """
        before = self._frames[-1].cursor if self._frames else None
        changes = self._knowledge.recent.changes(CASES_AT_ONCE)
        now = self._knowledge.recent.cursor
        if changes.gone:
            cursor = before if changes.cases else now
            self._add(
                EventFrame(self._number, EventType.GONE, cursor, event.cases_removed(_id_of(cursor), changes.gone))
            )
        if changes.cases:
            data = event.cases(encode(now), changes.cases, changes.left_out)
            self._add(EventFrame(self._number, EventType.CASES, now, data))
        self.left_out += changes.left_out

    def make_pulse(self, now_s: float) -> None:
        reading = self._knowledge.pulse.reading(now_s, self._knowledge.backlog)
        cursor = self._knowledge.recent.cursor
        self._add(EventFrame(self._number, EventType.PULSE, cursor, event.pulse(encode(cursor), reading)))

    def make_comment(self) -> None:
        """For whatever stands between us and a page, and ends what is silent."""
        self._add(EventFrame(self._number, EventType.COMMENT, self._knowledge.recent.cursor, event.ALIVE))

    def close(self) -> None:
        """There will be no more."""
        self.is_closed = True
        self._news.set()

    async def news(self) -> None:
        """Waits until there is something that was not there when this was called, or no more will come."""
        await self._news.wait()

    def greet(self, reader: Subscriber) -> bytes:
        """The first that a page hears: how things are called here, then what it has missed, or everything."""
        self.sent[EventType.HELLO] += 1
        said = event.welcome(_id_of(reader.cursor), self._knowledge.pulse.high_value, self._knowledge.recent.keeps)
        return said + self._tell_afresh(reader)

    def next_for(self, reader: Subscriber) -> bytes:
        """What this page has not been told yet; empty: nothing."""
        missed = self._number - 1 - reader.number
        if missed > len(self._frames):
            self.skipped += missed
            return self._tell_afresh(reader)
        frames = [frame for frame in self._frames if frame.number > reader.number]
        if frames:
            reader.number, reader.cursor = frames[-1].number, frames[-1].cursor
            self.sent.update(frame.name for frame in frames)
        return b"".join(frame.data for frame in frames)

    def _tell_afresh(self, reader: Subscriber) -> bytes:
        """Changes that wait become an event first, so that this reader is not told of them twice."""
        self.make_cases()
        recent = self._knowledge.recent
        changes = None if reader.cursor is None else recent.since(reader.cursor)
        before, reader.cursor, reader.number = reader.cursor, recent.cursor, self._number - 1
        now = encode(recent.cursor)
        if before is None or changes is None:
            self.sent[EventType.SNAPSHOT] += 1
            return event.snapshot(now, recent.all())
        then = encode(before)
        parts = [changes.cases[at : at + CASES_AT_ONCE] for at in range(0, len(changes.cases), CASES_AT_ONCE)]
        said = [event.cases_removed(then if parts else now, changes.gone)] if changes.gone else []
        said += [event.cases(then, part, 0) for part in parts[:-1]] + [event.cases(now, part, 0) for part in parts[-1:]]
        self.sent.update({EventType.GONE: len(said) - len(parts), EventType.CASES: len(parts)})
        return b"".join(said)

    def _add(self, frame: EventFrame) -> None:
        self._frames.append(frame)
        self._number += 1
        self._news.set()
        self._news = asyncio.Event()  # whoever waits has the one before


def _id_of(cursor: ResumeToken | None) -> str:
    return START if cursor is None else encode(cursor)
