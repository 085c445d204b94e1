"""Trail: a case on the topics, put together from records as they come. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.batch import Record
from schemas.erasure import parse_erasure
from schemas.json.timestamps import format_us, parse_epoch_us
from schemas.verdict import Verdict, parse_verdict


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """A case's revisions, each with when it was published, epoch milliseconds.

    `device`: None when no revision was found. `is_forgotten`: the device was forgotten after that. `since_ms`: when it
    was forgotten last before that; 0: it was not. `complete`: nothing was left unread, and nothing was gone before.
    `is_spent`: there was more than could be read.
    """

    device: bytes | None = field(repr=False)
    partition: int
    revisions: tuple[tuple[Verdict, int], ...]
    is_erased: bool
    erased_until_ms: int
    complete: bool
    is_truncated: bool

    def as_json(self) -> dict[str, Any]:
        return {"revisions": [_revision_json(one, at_ms) for one, at_ms in self.revisions], "complete": self.complete}


class CaseHistoryBuilder:
    """Looks at records of a topic of verdicts, those of each partition in order."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self._id = case["id"]
        self._token = case["device_token"]
        self._needles = self._id.encode(), self._token.encode()
        self._device: bytes | None = None
        self._partition = -1
        self._revisions: dict[int, tuple[Verdict, int]] = {}
        self._erased_at_ms: int | None = None
        self._erased_until_ms = 0

    def add(self, record: Record) -> bool:
        """True when the record tells on which partition the case is. Most are passed over without being parsed."""
        value = record.value or b""
        if not any(needle in value for needle in self._needles):
            return False
        if record.key is None:
            self._apply_erasure(value)
            return False
        verdict = parse_verdict(value)
        if not isinstance(verdict, Verdict) or verdict.id != self._id:
            return False
        self._device, self._partition = record.key, record.partition
        self._revisions.setdefault(verdict.revision, (verdict, record.timestamp))
        if self._erased_at_ms is not None:
            self._erased_until_ms, self._erased_at_ms = self._erased_at_ms, None
        return True

    def build(self, *, complete: bool, is_truncated: bool) -> CaseHistory:
        revisions = tuple(self._revisions[number] for number in sorted(self._revisions))
        return CaseHistory(
            device=self._device,
            partition=self._partition,
            revisions=revisions,
            is_erased=self._erased_at_ms is not None,
            erased_until_ms=self._erased_until_ms,
            complete=complete and self._device is not None,
            is_truncated=is_truncated,
        )

    def _apply_erasure(self, value: bytes) -> None:
        erasure = parse_erasure(value)
        if erasure is not None and self._token in erasure.device_tokens:
            at_us = parse_epoch_us(erasure.forgotten_at)
            self._erased_at_ms = at_us // 1000 if isinstance(at_us, int) else 0


def _revision_json(verdict: Verdict, at_ms: int) -> dict[str, Any]:
    return {
        "revision": verdict.revision,
        "verdict": verdict.verdict,
        "status": verdict.status,
        "codes": list(verdict.codes),
        "risk": verdict.risk,
        "reason": verdict.reason,
        "at": format_us(1000 * at_ms),
    }
