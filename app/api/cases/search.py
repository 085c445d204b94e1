"""Search for cases and feedback in Elasticsearch. Documents that it has not stored yet are not found."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import msgspec
from elastic_transport import TransportError
from elasticsearch import ApiError as ElasticsearchApiError
from elasticsearch import BadRequestError

from app.api.cases.filter import Filter
from app.api.cases.page_cursor import PageCursor, Sort, encode
from app.api.cases.query import Clause, build_query, ids_query, related_query, sort_clause
from app.api.errors import ApiError
from app.settings import Settings
from app.sinks.base import Dataset
from app.sinks.elasticsearch.client import elastic_client, unavailable
from app.sinks.elasticsearch.sink import alias_of
from schemas.feedback import Feedback
from schemas.verdict import Verdict

StoredCase = Mapping[str, Any]
"""A published verdict as JSON, with the fields of `Verdict` and no others."""

RELATED_MAX: Final = 20
PAGE_SIZE: Final = 1_000
"""Cases per request of a CSV export."""

_FIELDS: Final = {Dataset.VERDICTS: list(Verdict.__struct_fields__), Dataset.FEEDBACK: list(Feedback.__struct_fields__)}
"""Fields to read of each document. A store adds fields of its own."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of a search. `total`: matches on all pages. `cursor`: start of the next page; None on the last one."""

    cases: list[StoredCase]
    total: int
    cursor: PageCursor | None

    @property
    def next_page(self) -> str | None:
        """The cursor as text for a URL."""
        return None if self.cursor is None else encode(self.cursor)


class Search:
    """Queries the datasets of verdicts, where each payment occurs once, and of feedback.

    Every query raises UnavailableError where Elasticsearch does not answer.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = elastic_client(settings)

    async def page(self, wanted: Filter) -> SearchPage:
        """Return the matching cases after the filter's cursor.

        Raises:
            ApiError: Elasticsearch rejects the cursor.
        """
        query, cursor = build_query(wanted), wanted.cursor
        try:
            answer = await self._query(
                Dataset.VERDICTS,
                query,
                wanted.limit + 1,
                sort_clause(wanted.sort),
                None if cursor is None else cursor.after,
            )
        except BadRequestError:
            if cursor is None:
                raise  # a programming error, which must be visible
            raise ApiError(400, "cursor is not from a search result", field="cursor") from None
        found = answer["hits"]["hits"]
        hits = found[: wanted.limit]
        return SearchPage(
            [_case(hit) for hit in hits],
            int(answer["hits"]["total"]["value"]),
            PageCursor(wanted.sort, tuple(hits[-1]["sort"])) if len(found) > len(hits) else None,
        )

    async def all_pages(self, wanted: Filter, limit: int) -> AsyncIterator[list[StoredCase]]:
        """Yield up to `limit` matching cases in pages. The filter's own limit and cursor are ignored."""
        wanted, left = replace(wanted, limit=PAGE_SIZE, cursor=None), limit
        while True:
            page = await self.page(wanted)
            yield page.cases[:left]
            left -= len(page.cases)
            if page.cursor is None or left <= 0:
                return
            wanted = replace(wanted, cursor=page.cursor)

    async def case(self, id_: str) -> StoredCase | None:
        """Return a case; None where it is not stored."""
        answer = await self._query(Dataset.VERDICTS, ids_query(id_), 1)
        return next(map(_case, answer["hits"]["hits"]), None)

    async def related(self, case: StoredCase) -> list[StoredCase]:
        """Return other suspects of the same device, user or card, newest first."""
        answer = await self._query(Dataset.VERDICTS, related_query(case), RELATED_MAX, sort_clause(Sort.NEWEST))
        return [_case(hit) for hit in answer["hits"]["hits"]]

    async def feedback(self, *ids: str) -> dict[str, Feedback]:
        """Return the latest stored feedback of these cases, by case id."""
        return _feedback_by_case(await self._query(Dataset.FEEDBACK, ids_query(*ids), len(ids))) if ids else {}

    async def recent_feedback(self, limit: int) -> dict[str, Feedback]:
        """Return the latest stored feedback of the `limit` cases that were judged last."""
        newest = [{"given_at": {"order": "desc", "unmapped_type": "keyword"}}]
        return _feedback_by_case(await self._query(Dataset.FEEDBACK, {"match_all": {}}, limit, newest))

    async def close(self) -> None:
        await self._client.close()

    async def _query(
        self,
        dataset: Dataset,
        query: Clause,
        size: int,
        sort: Sequence[Clause] | None = None,
        after: Sequence[int | str] | None = None,
    ) -> Mapping[str, Any]:
        try:
            answer = await self._client.search(
                index=alias_of(self._settings, dataset),
                query=query,
                size=size,
                sort=sort,
                search_after=after,
                source_includes=_FIELDS[dataset],
                track_total_hits=True,
                ignore_unavailable=True,
                allow_partial_search_results=False,  # a partial result would look complete
            )
        except BadRequestError:
            raise
        except (ElasticsearchApiError, TransportError) as error:
            raise unavailable(error) from None
        return cast("Mapping[str, Any]", answer.body)


def _case(hit: Mapping[str, Any]) -> StoredCase:
    return {"id": hit["_id"], **hit["_source"]}


def _feedback_by_case(answer: Mapping[str, Any]) -> dict[str, Feedback]:
    """Return the feedback by case id."""
    return {hit["_id"]: msgspec.convert(_case(hit), Feedback) for hit in answer["hits"]["hits"]}
