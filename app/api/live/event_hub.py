"""Event hub: it makes each event once, keeps the latest few seconds, and fans them out to pages. No sockets here.

Each page reads at its own pace. A page that falls behind by more than the hub keeps gets one summary of the changes
since its resume token instead. No page waits for another.
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
"""Events to keep. The stream makes at most five a second, so these cover about three seconds."""


@dataclass(frozen=True, slots=True)
class EventFrame:
    """One encoded event. `number`: counts all events. `resume_token` None: it does not advance the page's token."""

    number: int
    name: EventType
    resume_token: ResumeToken | None
    data: bytes


@dataclass(slots=True)
class Subscriber:
    """Read position of one page. `resume_token` None: the page needs a snapshot."""

    resume_token: ResumeToken | None
    number: int = -1


class EventHub:
    """The events, in order. Only `changed` blocks."""

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
        """Emit the changes since the last call, if there are any.

        Erasures and cases of one change are two events, and only the second carries the new resume token. A page that
        loses the connection between them receives both again.
        """
        before = self._frames[-1].resume_token if self._frames else None
        changes = self._state.cases.take_changes(CASES_PER_EVENT_MAX)
        now = self._state.cases.resume_token
        if changes.erased_devices:
            token = before if changes.cases else now
            data = event.cases_removed(_event_id(token), changes.erased_devices)
            self._add(EventFrame(self._number, EventType.GONE, token, data))
        if changes.cases:
            data = event.cases(encode(now), changes.cases, changes.dropped)
            self._add(EventFrame(self._number, EventType.CASES, now, data))
        self.dropped += changes.dropped

    def emit_pulse(self, now_s: float) -> None:
        """Emit the statistics."""
        statistics = self._state.statistics.snapshot(now_s, self._state.lag)
        token = self._state.cases.resume_token
        self._add(EventFrame(self._number, EventType.PULSE, token, event.pulse(encode(token), statistics)))

    def emit_keepalive(self) -> None:
        """Emit a comment, so that proxies do not close an idle connection."""
        self._add(EventFrame(self._number, EventType.COMMENT, self._state.cases.resume_token, event.KEEPALIVE))

    def close(self) -> None:
        """End the stream for all pages."""
        self.is_closed = True
        self._changed.set()

    async def changed(self) -> None:
        """Wait for an event that is emitted after this call, or for the end of the stream."""
        await self._changed.wait()

    def subscribe(self, subscriber: Subscriber) -> bytes:
        """Return the first events of a connection: the welcome, then a snapshot or the missed changes."""
        self.sent[EventType.HELLO] += 1
        statistics, cases = self._state.statistics, self._state.cases
        first = event.welcome(_event_id(subscriber.resume_token), statistics.high_value, cases.capacity)
        return first + self._resync(subscriber)

    def next_for(self, subscriber: Subscriber) -> bytes:
        """Return the events that the page has not received; empty when there are none."""
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
        """Return the changes since the page's token, or a snapshot.

        Pending changes become an event first, so that the page does not receive them a second time.
        """
        self.emit_cases()
        cache = self._state.cases
        before, now = subscriber.resume_token, cache.resume_token
        changes = None if before is None else cache.since(before)
        subscriber.resume_token, subscriber.number = now, self._number - 1
        if before is None or changes is None:
            self.sent[EventType.SNAPSHOT] += 1
            return event.snapshot(encode(now), cache.all())
        old_id, new_id = encode(before), encode(now)
        size = CASES_PER_EVENT_MAX
        parts = [changes.cases[at : at + size] for at in range(0, len(changes.cases), size)]
        removed = changes.erased_devices
        events = [event.cases_removed(old_id if parts else new_id, removed)] if removed else []
        events += [event.cases(old_id, part, 0) for part in parts[:-1]]
        events += [event.cases(new_id, part, 0) for part in parts[-1:]]
        self.sent.update({EventType.GONE: len(events) - len(parts), EventType.CASES: len(parts)})
        return b"".join(events)

    def _add(self, frame: EventFrame) -> None:
        self._frames.append(frame)
        self._number += 1
        self._changed.set()
        self._changed = asyncio.Event()  # each waiter holds the previous event object


def _event_id(token: ResumeToken | None) -> str:
    return START if token is None else encode(token)
