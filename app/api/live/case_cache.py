"""Cache of the newest cases, and of the changes since a page last read. Pure: no clock, no I/O.

A case is a payment that is or was suspect. The cache holds only the newest revision of each.
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
    """The newest revision of a case. `first_seen_ms`: record time of its first revision. `json`: on one line."""

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
    """Tokens of erased devices, and the offset of the erasure."""

    device_tokens: tuple[str, ...]
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes for a page: first the erasures, then the cases. `dropped`: number of new cases that are left out."""

    erased_devices: tuple[str, ...]
    cases: tuple[CachedCase, ...]
    dropped: int = 0


class CaseCache:
    """The newest `capacity` cases. Input: the topic of suspects, each partition in order."""

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

    def start_at(self, offsets: Iterable[int]) -> None:
        """Set the first offset of each partition. Records before it are not read."""
        self._next_offsets = list(offsets)
        self._complete_from = list(self._next_offsets)

    @property
    def resume_token(self) -> ResumeToken:
        """The token of a page that has received every change taken so far. Pending changes lie after it."""
        token = list(self._next_offsets)
        for case in self._pending.values():
            token[case.partition] = min(token[case.partition], case.offset)
        return tuple(token)

    def skip(self, partition: int, offset: int) -> None:
        """Advance past a record that pages do not show."""
        self._next_offsets[partition] = offset + 1

    def add(self, verdict: Verdict, partition: int, offset: int, at_ms: int) -> bool:
        """Add a revision. Return False for a duplicate, as after a crash of the detector."""
        self._next_offsets[partition] = offset + 1
        known = self._cases.get(verdict.id)
        if known is not None and known.revision >= verdict.revision:
            return False
        first_seen_ms = at_ms if known is None else known.first_seen_ms
        json = encode_verdict(verdict)
        case = CachedCase(
            verdict.id, verdict.revision, verdict.risk, verdict.device_token, first_seen_ms, partition, offset, json
        )
        self._cases[case.id] = self._pending[case.id] = case
        if known is None:
            heapq.heappush(self._by_age, (first_seen_ms, case.id))
            self._drop_oldest()
        return True

    def erase(self, device_tokens: tuple[str, ...], partition: int, offset: int) -> None:
        """Remove all cases of these devices."""
        self._next_offsets[partition] = offset + 1
        for cases in (self._cases, self._pending):
            for case in [case for case in cases.values() if case.device_token in device_tokens]:
                del cases[case.id]
        self._shown &= self._cases.keys()
        self._by_age = [(first_ms, id_) for first_ms, id_ in self._by_age if id_ in self._cases]
        heapq.heapify(self._by_age)
        self._pending_erased += device_tokens
        self._erasures.append(RemovedCases(device_tokens, partition, offset))
        if len(self._erasures) > ERASURES_MAX:
            self._mark_incomplete_before(self._erasures.popleft())

    def take_changes(self, limit: int) -> Changes:
        """Return and clear the pending changes: at most `limit` cases, highest risk first.

        Revisions of cases that pages show come before new cases: a cleared suspect must not stay on a screen. Revisions
        beyond the limit stay pending; new cases beyond it are dropped and counted.
        """
        ordered = sorted(
            self._pending.values(), key=lambda case: (case.id not in self._shown, -case.risk, -case.offset)
        )
        taken, rest = ordered[:limit], ordered[limit:]
        still_pending = {case.id: case for case in rest if case.id in self._shown}
        erased, self._pending, self._pending_erased = tuple(self._pending_erased), still_pending, []
        self._shown.update(case.id for case in taken if case.id in self._cases)
        return Changes(erased, tuple(taken), len(rest) - len(still_pending))

    def all(self) -> tuple[CachedCase, ...]:
        """Return every cached case, newest first, and count them as shown."""
        self._shown.update(self._cases)
        return tuple(sorted(self._cases.values(), key=lambda case: (case.first_seen_ms, case.id), reverse=True))

    def since(self, token: ResumeToken) -> Changes | None:
        """Return the changes after a token; None where the cache no longer covers it, or it is of another topic."""
        offsets = zip(self._complete_from, token, self._next_offsets, strict=True)
        if not all(first <= offset <= end for first, offset, end in offsets):
            return None
        erasures = [one for one in self._erasures if one.offset >= token[one.partition]]
        missed = [case for case in self.all() if case.offset >= token[case.partition]]
        return Changes(tuple(device for one in erasures for device in one.device_tokens), tuple(missed))

    def _drop_oldest(self) -> None:
        while len(self._cases) > self.capacity:
            _, oldest = heapq.heappop(self._by_age)
            self._mark_incomplete_before(self._cases.pop(oldest))
            self._shown.discard(oldest)

    def _mark_incomplete_before(self, lost: CachedCase | RemovedCases) -> None:
        """Record that a page which has not read up to here needs a snapshot."""
        complete_from = self._complete_from[lost.partition]
        self._complete_from[lost.partition] = max(complete_from, lost.offset + 1)
