"""Recent: the newest cases, and what has changed since a page last looked. Pure: no clock, no I/O.

A case is a payment that is, or was, suspect. Of each only the newest revision is kept.
"""

import heapq
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.api.live.resume_token import ResumeToken
from schemas.verdict import Verdict, encode_verdict

CAPACITY: Final = 500
ERASURES_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class CachedCase:
    """The newest revision of one verdict. `since_ms`: when it was first seen; `json`: the verdict, on one line."""

    id: str
    revision: int
    risk: int
    device_token: str
    first_seen_ms: int
    partition: int
    offset: int
    json: bytes


@dataclass(frozen=True, slots=True)
class RemovedCases:
    """Devices that were forgotten, and where that stands on the topic."""

    device_tokens: tuple[str, ...]
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What a page is to be told: first what to drop, then these cases. `left_out`: so many more it will not be told."""

    erased_devices: tuple[str, ...]
    cases: tuple[CachedCase, ...]
    dropped: int = 0


class CaseCache:
    """Fed with the topic of suspects, in the order of each partition."""

    def __init__(self, partitions: int, capacity: int = CAPACITY) -> None:
        self.partitions = partitions
        self.capacity = capacity
        self._next_offsets = [0] * partitions
        self._complete_from = [0] * partitions
        self._cases: dict[str, CachedCase] = {}
        self._by_age: list[tuple[int, str]] = []
        self._erasures: deque[RemovedCases] = deque()
        self._pending: dict[str, CachedCase] = {}
        self._pending_erased: list[str] = []
        self._shown: set[str] = set()

    def start_at(self, start: Iterable[int]) -> None:
        """What lies before these offsets will not be read."""
        self._next_offsets = list(start)
        self._complete_from = list(self._next_offsets)

    @property
    def resume_token(self) -> ResumeToken:
        """How far somebody is who was told all changes that were taken. What still waits to be taken lies behind it."""
        cursor = list(self._next_offsets)
        for case in self._pending.values():
            cursor[case.partition] = min(cursor[case.partition], case.offset)
        return tuple(cursor)

    def skip(self, partition: int, offset: int) -> None:
        """A record that says nothing to a page."""
        self._next_offsets[partition] = offset + 1

    def add(self, verdict: Verdict, partition: int, offset: int, at_ms: int) -> bool:
        """A revision. False: it is known already, as after a crash of the detector."""
        self._next_offsets[partition] = offset + 1
        known = self._cases.get(verdict.id)
        if known is not None and known.revision >= verdict.revision:
            return False
        since_ms = at_ms if known is None else known.first_seen_ms
        json = encode_verdict(verdict)
        case = CachedCase(
            verdict.id, verdict.revision, verdict.risk, verdict.device_token, since_ms, partition, offset, json
        )
        self._cases[case.id] = self._pending[case.id] = case
        if known is None:
            heapq.heappush(self._by_age, (since_ms, case.id))
            self._drop_oldest()
        return True

    def erase(self, device_tokens: tuple[str, ...], partition: int, offset: int) -> None:
        """All that was said of these devices before goes."""
        self._next_offsets[partition] = offset + 1
        for cases in (self._cases, self._pending):
            for case in [case for case in cases.values() if case.device_token in device_tokens]:
                del cases[case.id]
        self._shown &= self._cases.keys()
        self._by_age = [(since_ms, id_) for since_ms, id_ in self._by_age if id_ in self._cases]
        heapq.heapify(self._by_age)
        self._pending_erased += device_tokens
        self._erasures.append(RemovedCases(device_tokens, partition, offset))
        if len(self._erasures) > ERASURES_MAX:
            self._mark_incomplete_before(self._erasures.popleft())

    def take_changes(self, limit: int) -> Changes:
        """What is new since they were last asked for: at most so many cases, the gravest first.

        Revisions of what pages show go before what they do not: a suspicion that was taken back must not stay on a
        screen. Where there is no room for them, they wait; what is new does not.
        """
        first = sorted(self._pending.values(), key=lambda case: (case.id not in self._shown, -case.risk, -case.offset))
        taken, rest = first[:limit], first[limit:]
        waiting = {case.id: case for case in rest if case.id in self._shown}
        gone, self._pending, self._pending_erased = tuple(self._pending_erased), waiting, []
        self._shown.update(case.id for case in taken if case.id in self._cases)
        return Changes(gone, tuple(taken), len(rest) - len(waiting))

    def all(self) -> tuple[CachedCase, ...]:
        """Everything that is kept, newest first."""
        self._shown.update(self._cases)
        return tuple(sorted(self._cases.values(), key=lambda case: (case.first_seen_ms, case.id), reverse=True))

    def since(self, token: ResumeToken) -> Changes | None:
        """What somebody missed who is as far as that; None: more than is kept, or it is of another topic."""
        places = zip(self._complete_from, token, self._next_offsets, strict=True)
        if not all(known <= offset <= end for known, offset, end in places):
            return None
        gone = [one for one in self._erasures if one.offset >= token[one.partition]]
        missed = [case for case in self.all() if case.offset >= token[case.partition]]
        return Changes(tuple(token for one in gone for token in one.device_tokens), tuple(missed))

    def _drop_oldest(self) -> None:
        while len(self._cases) > self.capacity:
            _, oldest = heapq.heappop(self._by_age)
            self._mark_incomplete_before(self._cases.pop(oldest))
            self._shown.discard(oldest)

    def _mark_incomplete_before(self, lost: CachedCase | RemovedCases) -> None:
        """Whoever has not read this yet cannot be told of it any more."""
        complete_from = self._complete_from[lost.partition]
        self._complete_from[lost.partition] = max(complete_from, lost.offset + 1)
