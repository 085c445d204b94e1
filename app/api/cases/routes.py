"""Cases: what is stored of them, what the topics have of them, and what analysts say of them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final

from aiohttp import hdrs, web

from app.api.auth.middleware import analyst_of, read_json
from app.api.cases.case_history import CaseHistory
from app.api.cases.csv_export import ROWS_MAX, header, rows
from app.api.cases.feedback_writer import FeedbackWriter, PendingFeedback, as_json
from app.api.cases.filter import Filter, FilterError, read_filter
from app.api.cases.search import Search, StoredCase
from app.api.cases.topic_lookup import TopicLookup
from app.api.errors import ApiError
from app.settings import Settings
from schemas.feedback import Feedback, check_note

CASE_NOT_FOUND = "There is no such case: it is not stored yet, or its device was forgotten."
CASE_EXPIRED = "This case is older than what the topics keep, so nothing can be said of it any more."
HISTORY_UNAVAILABLE = "The topics were too long to find this case in time: try again in a moment."

RECENT_FEEDBACK_MAX: Final = 1_000
"""More than a page has cases."""

RETRY_DELAYS_S: Final = (0.3, 0.6, 0.6)
"""A search finds what was stored about a second ago."""


class CaseRoutes:
    """A room of the console."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._search = Search(settings)
        self._lookup = TopicLookup(settings)
        self._feedback = FeedbackWriter(settings, clock)

    def mount(self, application: web.Application) -> None:
        router = application.router
        router.add_get("/api/cases", self._list_cases)
        router.add_get("/api/cases.csv", self._export_csv)
        router.add_get("/api/judged", self._recent_feedback)
        router.add_get("/api/cases/{id}", self._get_case)
        router.add_get("/api/cases/{id}/history", self._get_history)
        router.add_get("/api/cases/{id}/track", self._get_track)
        router.add_post("/api/cases/{id}/feedback", self._submit_feedback)
        application.cleanup_ctx.append(self._close_on_shutdown)

    async def _close_on_shutdown(self, _application: web.Application) -> AsyncIterator[None]:
        yield
        await self._search.close()
        await self._feedback.close()

    async def _list_cases(self, request: web.Request) -> web.Response:
        page = await self._search.page(_filter_of(request))
        return web.json_response({**page.as_json(), "judged": _dispositions(await self._feedback_of(*page.cases))})

    async def _export_csv(self, request: web.Request) -> web.StreamResponse:
        """Written as it is found. What cannot be found to the end breaks off, so that nobody takes it for all."""
        pages = self._search.all_pages(_filter_of(request), ROWS_MAX)
        first = await anext(pages)
        answer = web.StreamResponse(
            headers={
                hdrs.CONTENT_TYPE: "text/csv; charset=utf-8",
                hdrs.CONTENT_DISPOSITION: 'attachment; filename="cases.csv"',
            }
        )
        await answer.prepare(request)
        await answer.write(header() + rows(first))
        async for cases in pages:
            await answer.write(rows(cases))
        await answer.write_eof()
        return answer

    async def _get_case(self, request: web.Request) -> web.Response:
        case = await self._find_case(request)
        others = await self._search.related(case)
        said = await self._feedback_of(case, *others)
        feedback = as_json(said.get(case["id"]))
        return web.json_response({"case": case, "feedback": feedback, "others": others, "judged": _dispositions(said)})

    async def _get_history(self, request: web.Request) -> web.Response:
        _, trail = await self._cached_history(request)
        return web.json_response(trail.as_json())

    async def _get_track(self, request: web.Request) -> web.Response:
        case, trail = await self._cached_history(request)
        return web.json_response(await self._lookup.track(case, trail))

    async def _submit_feedback(self, request: web.Request) -> web.Response:
        analyst = analyst_of(request)
        judgement = await read_json(request, PendingFeedback)
        if check_note(judgement.note) is not None:
            raise ApiError(400, "There is what looks like a card number in the note: leave it out.", field="note")
        case = await self._find_case(request)
        trail = await self._lookup.history_now(case)
        if trail.is_erased:
            raise ApiError(404, CASE_NOT_FOUND)
        if trail.device is None:
            raise ApiError(503, HISTORY_UNAVAILABLE) if trail.is_truncated else ApiError(409, CASE_EXPIRED)
        feedback = await self._feedback.submit(judgement, analyst.name, case, trail)
        return web.json_response(as_json(feedback), status=201)

    async def _recent_feedback(self, _request: web.Request) -> web.Response:
        """For a page that has its cases from elsewhere."""
        stored = await self._search.recent_feedback(RECENT_FEEDBACK_MAX)
        return web.json_response({"judged": _dispositions(self._feedback.latest_of(stored, stored))})

    async def _feedback_of(self, *cases: StoredCase) -> dict[str, Feedback]:
        """What was said last of each of them, where anything was."""
        ids = [case["id"] for case in cases]
        return self._feedback.latest_of(ids, await self._search.feedback(*ids))

    async def _find_case(self, request: web.Request) -> StoredCase:
        """The case, also when it was seen live a moment ago and a store is just taking it."""
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
        """The case and its trail, unless its device was forgotten since."""
        case = await self._find_case(request)
        trail = await self._lookup.history(case)
        if trail.is_erased:
            raise ApiError(404, CASE_NOT_FOUND)
        return case, trail


def _filter_of(request: web.Request) -> Filter:
    asked = read_filter(request.query.items())
    if isinstance(asked, FilterError):
        raise ApiError(400, asked.message, field=asked.field)
    return asked


def _dispositions(said: Mapping[str, Feedback]) -> dict[str, str]:
    return {id_: feedback.verdict for id_, feedback in said.items()}
