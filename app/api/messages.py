"""Bodies of the console's HTTP responses. The OpenAPI document and the page's TypeScript types are made of them."""

import msgspec
from aiohttp import web

from app.alerts.verification import ProbeResult
from schemas.codes.reason import ReasonCode
from schemas.feedback import Disposition, Note, Revision
from schemas.verdict import Outcome, Status, Verdict

Dispositions = dict[str, Disposition]
"""Latest disposition by case id; a case without feedback is absent."""


class ErrorResponse(msgspec.Struct, frozen=True):
    """A rejected request. `error` is one sentence that quotes nothing of the request; `field` names its parameter."""

    error: str
    field: str | msgspec.UnsetType = msgspec.UNSET


class FeedbackResponse(msgspec.Struct, frozen=True):
    """Latest feedback on a case. `revision`: the one that was on the analyst's screen."""

    id: str
    transaction_id: str
    verdict: Disposition
    note: Note
    analyst: str
    given_at: str
    revision: Revision


class CaseListResponse(msgspec.Struct, frozen=True):
    """One page of a search. `total`: matches on all pages. `cursor`: value for the next page; null on the last one."""

    cases: list[Verdict]
    total: int
    cursor: str | None
    judged: Dispositions


class CaseResponse(msgspec.Struct, frozen=True):
    """A case. `others`: suspects of the same device, user or card. `judged`: dispositions of all cases in here."""

    case: Verdict
    feedback: FeedbackResponse | None
    others: list[Verdict]
    judged: Dispositions


class RecentFeedbackResponse(msgspec.Struct, frozen=True):
    """Dispositions of the cases that were judged most recently."""

    judged: Dispositions


class RevisionSummary(msgspec.Struct, frozen=True):
    """One revision of a case. `at`: when the detector published it."""

    revision: int
    verdict: Outcome
    status: Status
    codes: list[ReasonCode]
    risk: int
    reason: str
    at: str


class HistoryResponse(msgspec.Struct, frozen=True):
    """Revisions of a case, oldest first. `complete`: false where the topics hold no longer all, or the scan ended."""

    revisions: list[RevisionSummary]
    complete: bool


class TrackFix(msgspec.Struct, frozen=True):
    """A position fix, rounded to two decimals of a degree."""

    at: str
    latitude: float
    longitude: float
    speed_mps: float | None
    altitude_m: float | None
    horizontal_accuracy_m: float | None


class TrackResponse(msgspec.Struct, frozen=True):
    """Positions of the phone around a payment, oldest first. `grid_m`: size of the rounding grid."""

    fixes: list[TrackFix]
    grid_m: int
    complete: bool


class AlertChannel(msgspec.Struct, frozen=True):
    """A configured alert channel. `target`: its host; the URL can be a secret."""

    name: str
    target: str


class AlertChannelsResponse(msgspec.Struct, frozen=True):
    """The configured alert channels."""

    channels: list[AlertChannel]


class AlertTestResponse(msgspec.Struct, frozen=True):
    """Result of a test alert in each channel."""

    results: list[ProbeResult]


class SnapshotEvent(msgspec.Struct, frozen=True):
    """All cases that the server holds, newest first. They replace the cases of the page."""

    cases: list[Verdict]


class CasesEvent(msgspec.Struct, frozen=True):
    """New cases and new revisions. `left_out`: new cases that the server counts but does not send."""

    cases: list[Verdict]
    left_out: int


def json_response(body: msgspec.Struct, status: int = 200) -> web.Response:
    """Return the body as a JSON response."""
    return web.json_response(msgspec.to_builtins(body), status=status)
