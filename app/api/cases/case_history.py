"""The history of a case, built from records of the topics. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.batch import Record
from app.api.messages import HistoryResponse, RevisionSummary
from schemas.erasure import parse_erasure
from schemas.json.timestamps import format_us, parse_epoch_us
from schemas.verdict import Verdict, parse_verdict


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """The revisions of a case, each with its publication time in epoch milliseconds.

    `device`: record key of the case; None when no revision was found. `is_erased`: the device was erased after the last
    revision. `erased_until_ms`: time of the last erasure before it; 0 without one. `complete`: no revision is missing.
    `is_truncated`: the scan reached its limit.
    """

    device: bytes | None = field(repr=False)
    partition: int
    revisions: tuple[tuple[Verdict, int], ...]
    is_erased: bool
    erased_until_ms: int
    complete: bool
    is_truncated: bool

    def response(self) -> HistoryResponse:
        """Return the history as the page receives it."""
        return HistoryResponse([_summary(verdict, at_ms) for verdict, at_ms in self.revisions], self.complete)


class CaseHistoryBuilder:
    """Collects the revisions of one case. Input: records of a topic of verdicts, each partition in order."""

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
        """Add a record. Return True for a revision of the case, which shows its partition.

        A record without the case's id or device token is skipped before parsing.
        """
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
        """Return the history. `complete`: the scan has read all records that it was asked for."""
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


def _summary(verdict: Verdict, at_ms: int) -> RevisionSummary:
    return RevisionSummary(
        revision=verdict.revision,
        verdict=verdict.verdict,
        status=verdict.status,
        codes=list(verdict.codes),
        risk=verdict.risk,
        reason=verdict.reason,
        at=format_us(1000 * at_ms),
    )
