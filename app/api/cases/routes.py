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
from app.settings.settings import Settings
from schemas.feedback import Feedback, check_note

GONE = "There is no such case: it is not stored yet, or its device was forgotten."
TOO_OLD = "This case is older than what the topics keep, so nothing can be said of it any more."
NOT_READ = "The topics were too long to find this case in time: try again in a moment."

JUDGED_MAX: Final = 1_000
"""More than a page has cases."""

LOOKED_AGAIN_S: Final = (0.3, 0.6, 0.6)
"""A search finds what was stored about a second ago."""


class CaseRoutes:
    """A room of the console."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._search = Search(settings)
        self._evidence = TopicLookup(settings)
        self._desk = FeedbackWriter(settings, clock)

    def mount(self, application: web.Application) -> None:
        router = application.router
        router.add_get("/api/cases", self._list)
        router.add_get("/api/cases.csv", self._csv)
        router.add_get("/api/judged", self._judged)
        router.add_get("/api/cases/{id}", self._case)
        router.add_get("/api/cases/{id}/history", self._history)
        router.add_get("/api/cases/{id}/track", self._track)
        router.add_post("/api/cases/{id}/feedback", self._feedback)
        application.cleanup_ctx.append(self._closed)

    async def _closed(self, _application: web.Application) -> AsyncIterator[None]:
        yield
        await self._search.close()
        await self._desk.close()

    async def _list(self, request: web.Request) -> web.Response:
        page = await self._search.page(_asked(request))
        return web.json_response({**page.as_json(), "judged": _opinions(await self._said(*page.cases))})

    async def _csv(self, request: web.Request) -> web.StreamResponse:
        """Written as it is found. What cannot be found to the end breaks off, so that nobody takes it for all."""
        pages = self._search.every(_asked(request), ROWS_MAX)
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

    async def _case(self, request: web.Request) -> web.Response:
        case = await self._found(request)
        others = await self._search.others(case)
        said = await self._said(case, *others)
        feedback = as_json(said.get(case["id"]))
        return web.json_response({"case": case, "feedback": feedback, "others": others, "judged": _opinions(said)})

    async def _history(self, request: web.Request) -> web.Response:
        _, trail = await self._followed(request)
        return web.json_response(trail.as_json())

    async def _track(self, request: web.Request) -> web.Response:
        case, trail = await self._followed(request)
        return web.json_response(await self._evidence.track(case, trail))

    async def _feedback(self, request: web.Request) -> web.Response:
        analyst = analyst_of(request)
        judgement = await read_json(request, PendingFeedback)
        if check_note(judgement.note) is not None:
            raise ApiError(400, "There is what looks like a card number in the note: leave it out.", field="note")
        case = await self._found(request)
        trail = await self._evidence.trail_now(case)
        if trail.is_forgotten:
            raise ApiError(404, GONE)
        if trail.device is None:
            raise ApiError(503, NOT_READ) if trail.is_spent else ApiError(409, TOO_OLD)
        feedback = await self._desk.take(judgement, analyst.name, case, trail)
        return web.json_response(as_json(feedback), status=201)

    async def _judged(self, _request: web.Request) -> web.Response:
        """For a page that has its cases from elsewhere."""
        stored = await self._search.feedback_lately(JUDGED_MAX)
        return web.json_response({"judged": _opinions(self._desk.newest_of(stored, stored))})

    async def _said(self, *cases: StoredCase) -> dict[str, Feedback]:
        """What was said last of each of them, where anything was."""
        ids = [case["id"] for case in cases]
        return self._desk.newest_of(ids, await self._search.feedback(*ids))

    async def _found(self, request: web.Request) -> StoredCase:
        """The case, also when it was seen live a moment ago and a store is just taking it."""
        id_ = request.match_info["id"]
        for wait_s in (*LOOKED_AGAIN_S, None):
            case = await self._search.case(id_)
            if case is not None:
                return case
            if wait_s is not None:
                await asyncio.sleep(wait_s)
        self._desk.drop(id_)
        raise ApiError(404, GONE)

    async def _followed(self, request: web.Request) -> tuple[StoredCase, CaseHistory]:
        """The case and its trail, unless its device was forgotten since."""
        case = await self._found(request)
        trail = await self._evidence.trail(case)
        if trail.is_forgotten:
            raise ApiError(404, GONE)
        return case, trail


def _asked(request: web.Request) -> Filter:
    asked = read_filter(request.query.items())
    if isinstance(asked, FilterError):
        raise ApiError(400, asked.sentence, field=asked.field)
    return asked


def _opinions(said: Mapping[str, Feedback]) -> dict[str, str]:
    return {id_: feedback.verdict for id_, feedback in said.items()}
