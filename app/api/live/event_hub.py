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

CASES_PER_EVENT_MAX: Final = 25
FRAMES_MAX: Final = 16
"""At most five a second are made, so these are some three seconds."""


@dataclass(frozen=True, slots=True)
class EventFrame:
    """One event for all. `number`: of all there ever were. `cursor` None: it does not say how far it goes."""

    number: int
    name: EventType
    resume_token: ResumeToken | None
    data: bytes


@dataclass(slots=True)
class Subscriber:
    """How far one page is. `cursor` None: it has nothing yet."""

    resume_token: ResumeToken | None
    number: int = -1


class EventHub:
    """The events, in order. All methods are quick and none waits, but `news`."""

    def __init__(self, state: LiveState) -> None:
        self._state = state
        self._frames: deque[EventFrame] = deque(maxlen=FRAMES_MAX)
        self._number = 0
        self._changed = asyncio.Event()
        self.is_closed = False
        self.sent: Counter[EventType] = Counter()
        self.skipped = 0
        self.dropped = 0

    def emit_cases(self) -> None:
        """What has changed since the last time, if anything has.

        Of two events that belong together only the last says how far they go: whoever loses the connection between
        them is told of both again.
        """
        before = self._frames[-1].resume_token if self._frames else None
        changes = self._state.cases.take_changes(CASES_PER_EVENT_MAX)
        now = self._state.cases.resume_token
        if changes.erased_devices:
            cursor = before if changes.cases else now
            self._add(
                EventFrame(
                    self._number, EventType.GONE, cursor, event.cases_removed(_event_id(cursor), changes.erased_devices)
                )
            )
        if changes.cases:
            data = event.cases(encode(now), changes.cases, changes.dropped)
            self._add(EventFrame(self._number, EventType.CASES, now, data))
        self.dropped += changes.dropped

    def emit_pulse(self, now_s: float) -> None:
        reading = self._state.statistics.snapshot(now_s, self._state.lag)
        cursor = self._state.cases.resume_token
        self._add(EventFrame(self._number, EventType.PULSE, cursor, event.pulse(encode(cursor), reading)))

    def emit_keepalive(self) -> None:
        """For whatever stands between us and a page, and ends what is silent."""
        self._add(EventFrame(self._number, EventType.COMMENT, self._state.cases.resume_token, event.KEEPALIVE))

    def close(self) -> None:
        """There will be no more."""
        self.is_closed = True
        self._changed.set()

    async def changed(self) -> None:
        """Waits until there is something that was not there when this was called, or no more will come."""
        await self._changed.wait()

    def subscribe(self, subscriber: Subscriber) -> bytes:
        """The first that a page hears: how things are called here, then what it has missed, or everything."""
        self.sent[EventType.HELLO] += 1
        said = event.welcome(
            _event_id(subscriber.resume_token), self._state.statistics.high_value, self._state.cases.capacity
        )
        return said + self._resync(subscriber)

    def next_for(self, subscriber: Subscriber) -> bytes:
        """What this page has not been told yet; empty: nothing."""
        missed = self._number - 1 - subscriber.number
        if missed > len(self._frames):
            self.skipped += missed
            return self._resync(subscriber)
        frames = [frame for frame in self._frames if frame.number > subscriber.number]
        if frames:
            subscriber.number, subscriber.resume_token = frames[-1].number, frames[-1].resume_token
            self.sent.update(frame.name for frame in frames)
        return b"".join(frame.data for frame in frames)

    def _resync(self, subscriber: Subscriber) -> bytes:
        """Changes that wait become an event first, so that this reader is not told of them twice."""
        self.emit_cases()
        recent = self._state.cases
        changes = None if subscriber.resume_token is None else recent.since(subscriber.resume_token)
        before, subscriber.resume_token, subscriber.number = (
            subscriber.resume_token,
            recent.resume_token,
            self._number - 1,
        )
        now = encode(recent.resume_token)
        if before is None or changes is None:
            self.sent[EventType.SNAPSHOT] += 1
            return event.snapshot(now, recent.all())
        then = encode(before)
        parts = [
            changes.cases[at : at + CASES_PER_EVENT_MAX] for at in range(0, len(changes.cases), CASES_PER_EVENT_MAX)
        ]
        said = [event.cases_removed(then if parts else now, changes.erased_devices)] if changes.erased_devices else []
        said += [event.cases(then, part, 0) for part in parts[:-1]] + [event.cases(now, part, 0) for part in parts[-1:]]
        self.sent.update({EventType.GONE: len(said) - len(parts), EventType.CASES: len(parts)})
        return b"".join(said)

    def _add(self, frame: EventFrame) -> None:
        self._frames.append(frame)
        self._number += 1
        self._changed.set()
        self._changed = asyncio.Event()  # whoever waits has the one before


def _event_id(token: ResumeToken | None) -> str:
    return START if token is None else encode(token)
