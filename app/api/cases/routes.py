"""Routes of the cases: search and CSV export, one case with history and track, and feedback."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Final, cast

from aiohttp import hdrs, web

from app.api.auth.middleware import analyst_of, read_json
from app.api.cases.case_history import CaseHistory
from app.api.cases.csv_export import ROWS_MAX, header, rows
from app.api.cases.feedback_writer import FeedbackWriter, PendingFeedback, feedback_response
from app.api.cases.filter import PARAMETERS, Filter, FilterError, read_filter
from app.api.cases.search import Search, StoredCase
from app.api.cases.topic_lookup import TopicLookup
from app.api.endpoint import Endpoint, Parameter, mount_endpoints, serves
from app.api.errors import ApiError
from app.api.messages import (
    CaseListResponse,
    CaseResponse,
    Dispositions,
    FeedbackResponse,
    HistoryResponse,
    RecentFeedbackResponse,
    TrackResponse,
    json_response,
)
from app.settings import Settings
from schemas.feedback import Feedback, check_note
from schemas.verdict import Verdict

CASE_NOT_FOUND: Final = "There is no such case: it is not stored yet, or its device was erased."
CASE_EXPIRED: Final = "The topics no longer hold this case, so it accepts no feedback."
HISTORY_UNAVAILABLE: Final = "The topics were too long to find this case in time: try again in a moment."

RECENT_FEEDBACK_MAX: Final = 1_000
"""Cases of `/api/judged`: more than a page shows."""

RETRY_DELAYS_S: Final = (0.3, 0.6, 0.6)
"""Delays before another search for a case: Elasticsearch finds a document about a second after it was stored."""

MEDIA_TYPE_CSV: Final = "text/csv"
_ID: Final = (Parameter(name="id", place="path", description="Id of the case."),)
_FILTER: Final = tuple(Parameter(name=one.name, schema=one.schema, description=one.description) for one in PARAMETERS)
_FILTER_OF_ALL: Final = tuple(one for one in _FILTER if one.name not in ("limit", "cursor"))


class CaseRoutes:
    """Routes under `/api/cases`, and `/api/judged`."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._search = Search(settings)
        self._lookup = TopicLookup(settings)
        self._feedback = FeedbackWriter(settings, clock)

    def mount(self, application: web.Application) -> None:
        mount_endpoints(application, self)
        application.cleanup_ctx.append(self._close_on_shutdown)

    async def _close_on_shutdown(self, _application: web.Application) -> AsyncIterator[None]:
        yield
        await self._search.close()
        await self._feedback.close()

    @serves(Endpoint(method="GET", path="/api/cases", response=CaseListResponse, parameters=_FILTER, errors=(400, 503)))
    async def _list_cases(self, request: web.Request) -> web.Response:
        """Search stored cases. Without parameters, return the newest suspects."""
        page = await self._search.page(_filter_of(request))
        judged = _dispositions(await self._feedback_of(*page.cases))
        return json_response(CaseListResponse(_verdicts(page.cases), page.total, page.next_page, judged))

    @serves(
        Endpoint(
            method="GET",
            path="/api/cases.csv",
            media_type=MEDIA_TYPE_CSV,
            parameters=_FILTER_OF_ALL,
            errors=(400, 503),
        )
    )
    async def _export_csv(self, request: web.Request) -> web.StreamResponse:
        """Export all matching cases as CSV, at most 100,000.

        The server sends the rows as it finds them. If Elasticsearch fails midway, it breaks the connection, so that the
        file does not look complete.
        """
        pages = self._search.all_pages(_filter_of(request), ROWS_MAX)
        first = await anext(pages)
        answer = web.StreamResponse(
            headers={
                hdrs.CONTENT_TYPE: f"{MEDIA_TYPE_CSV}; charset=utf-8",
                hdrs.CONTENT_DISPOSITION: 'attachment; filename="cases.csv"',
            }
        )
        await answer.prepare(request)
        await answer.write(header() + rows(first))
        async for cases in pages:
            await answer.write(rows(cases))
        await answer.write_eof()
        return answer

    @serves(Endpoint(method="GET", path="/api/judged", response=RecentFeedbackResponse, errors=(503,)))
    async def _recent_feedback(self, _request: web.Request) -> web.Response:
        """Return the dispositions of the cases that were judged last, for a page that has its cases from the stream."""
        stored = await self._search.recent_feedback(RECENT_FEEDBACK_MAX)
        return json_response(RecentFeedbackResponse(_dispositions(self._feedback.latest_of(stored, stored))))

    @serves(Endpoint(method="GET", path="/api/cases/{id}", response=CaseResponse, parameters=_ID, errors=(404, 503)))
    async def _get_case(self, request: web.Request) -> web.Response:
        """Return a case with its latest feedback and the related suspects, at most 20."""
        case = await self._find_case(request)
        related = await self._search.related(case)
        feedback = await self._feedback_of(case, *related)
        own = feedback.get(case["id"])
        body = CaseResponse(
            case=cast("Verdict", case),
            feedback=None if own is None else feedback_response(own),
            others=_verdicts(related),
            judged=_dispositions(feedback),
        )
        return json_response(body)

    @serves(
        Endpoint(
            method="GET", path="/api/cases/{id}/history", response=HistoryResponse, parameters=_ID, errors=(404, 503)
        )
    )
    async def _get_history(self, request: web.Request) -> web.Response:
        """Return the revisions of a case, read from the topics and cached for a minute."""
        _, history = await self._cached_history(request)
        return json_response(history.response())

    @serves(
        Endpoint(method="GET", path="/api/cases/{id}/track", response=TrackResponse, parameters=_ID, errors=(404, 503))
    )
    async def _get_track(self, request: web.Request) -> web.Response:
        """Return the coarse positions of the phone around the payment: 30 minutes before to 15 minutes after."""
        case, history = await self._cached_history(request)
        return json_response(await self._lookup.track(case, history))

    @serves(
        Endpoint(
            method="POST",
            path="/api/cases/{id}/feedback",
            status=201,
            request=PendingFeedback,
            response=FeedbackResponse,
            parameters=_ID,
            errors=(404, 409, 503),
        )
    )
    async def _submit_feedback(self, request: web.Request) -> web.Response:
        """Submit feedback on a case. Analysts only.

        The server answers once all replicas of the topic have the feedback. The latest submission counts.
        """
        analyst = analyst_of(request)
        pending = await read_json(request, PendingFeedback, "feedback")
        if check_note(pending.note) is not None:
            raise ApiError(400, "The note seems to contain a card number: remove it.", field="note")
        case = await self._find_case(request)
        history = await self._lookup.history_now(case)
        if history.is_erased:
            raise ApiError(404, CASE_NOT_FOUND)
        if history.device is None:
            raise ApiError(503, HISTORY_UNAVAILABLE) if history.is_truncated else ApiError(409, CASE_EXPIRED)
        feedback = await self._feedback.submit(pending, analyst.name, case, history)
        return json_response(feedback_response(feedback), status=201)

    async def _feedback_of(self, *cases: StoredCase) -> dict[str, Feedback]:
        """Return the latest feedback of these cases, stored or pending, by case id."""
        ids = [case["id"] for case in cases]
        return self._feedback.latest_of(ids, await self._search.feedback(*ids))

    async def _find_case(self, request: web.Request) -> StoredCase:
        """Return the case. Retry for a moment, because a live case may not be stored yet."""
        id_ = request.match_info["id"]
        for wait_s in (*RETRY_DELAYS_S, None):
            case = await self._search.case(id_)
            if case is not None:
                return case
            if wait_s is not None:
                await asyncio.sleep(wait_s)
        self._feedback.evict(id_)
        raise ApiError(404, CASE_NOT_FOUND)

    async def _cached_history(self, request: web.Request) -> tuple[StoredCase, CaseHistory]:
        """Return the case and its history, unless its device was erased since."""
        case = await self._find_case(request)
        history = await self._lookup.history(case)
        if history.is_erased:
            raise ApiError(404, CASE_NOT_FOUND)
        return case, history


def _filter_of(request: web.Request) -> Filter:
    wanted = read_filter(request.query.items())
    if isinstance(wanted, FilterError):
        raise ApiError(400, wanted.message, field=wanted.field)
    return wanted


def _dispositions(feedback: Mapping[str, Feedback]) -> Dispositions:
    return {id_: one.verdict for id_, one in feedback.items()}


def _verdicts(cases: Iterable[StoredCase]) -> list[Verdict]:
    """Return stored cases for a response. They are verdicts as JSON, and need no decoding to be sent."""
    return cast("list[Verdict]", list(cases))
