"""The Elasticsearch sink: one index per dataset and month, behind one alias per dataset.

`geovelocity init` creates the index templates.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import msgspec
from elastic_transport import TransportError
from elasticsearch import ApiError
from elasticsearch.helpers import async_scan

from app.errors import ConfigurationError, UnavailableError
from app.settings import Settings
from app.sinks.base import Dataset, RejectedDocument, WriteResult
from app.sinks.elasticsearch.client import AUTH_ERRORS, elastic_client, unavailable
from app.sinks.elasticsearch.ecs import MAPPING, extra_fields
from app.sinks.elasticsearch.mappings import FEEDBACK
from app.sinks.retention import MonthPartition
from schemas.stored_document import StoredDocument
from schemas.verdict import Verdict

NAMES: Final = MappingProxyType(
    {Dataset.VERDICTS: "verdicts", Dataset.SUSPECTS: "suspects", Dataset.FEEDBACK: "feedback"}
)
MAPPINGS: Final = MappingProxyType({Dataset.VERDICTS: MAPPING, Dataset.SUSPECTS: MAPPING, Dataset.FEEDBACK: FEEDBACK})
CONFLICT: Final = 409
"""Status of a write with an older version."""

NOT_FOUND: Final = 404
PAGE_SIZE: Final = 1_000
SUCCESS: Final = range(200, 300)

DOCUMENT_ERRORS: Final = frozenset({"document_parsing_exception", "mapper_parsing_exception"})
"""Errors of a single document, which no retry can repair. Any other error (a full disk, the shard limit, a role without
rights, a mapping older than this code) would also hit the next document.
"""


def alias_of(settings: Settings, dataset: Dataset) -> str:
    """Return the alias by which to search a dataset."""
    return f"{settings.namespace}-{NAMES[dataset]}"


class ElasticSink:
    """Documents in Elasticsearch with external versions, so that an older version never overwrites a newer one.

    The payment's month selects the index, so an id is always in the same index.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = elastic_client(settings)

    def alias(self, dataset: Dataset) -> str:
        """Return the alias by which to search a dataset."""
        return alias_of(self._settings, dataset)

    async def prepare(self) -> None:
        for dataset in Dataset:
            alias = self.alias(dataset)
            template: dict[str, Any] = {
                "settings": {"number_of_shards": 1, "number_of_replicas": self._settings.elastic_replicas},
                "mappings": MAPPINGS[dataset],
                "aliases": {alias: {}},
            }
            try:
                await self._client.indices.put_index_template(
                    name=alias, index_patterns=[f"{alias}-*"], template=template
                )
                # A template only applies to new indexes: existing ones may lack a field of this release.
                await self._client.indices.put_mapping(
                    index=f"{alias}-*", properties=MAPPINGS[dataset]["properties"], allow_no_indices=True
                )
            except (ApiError, TransportError) as error:
                if isinstance(error, ApiError) and error.status_code in {400, *AUTH_ERRORS}:
                    raise ConfigurationError(
                        f"Elasticsearch rejected the template {alias} ({error.error}, status {error.status_code}): "
                        "check the rights of GEOVELOCITY_ELASTIC_API_KEY"
                    ) from None
                raise unavailable(error) from None

    async def store(self, dataset: Dataset, documents: Sequence[StoredDocument]) -> WriteResult:
        if not documents:
            return WriteResult()
        operations = [part for one in documents for part in self._operation(dataset, one)]
        try:
            answer = await self._client.bulk(operations=operations)
        except (ApiError, TransportError) as error:
            raise unavailable(error) from None
        return write_result([item["index"] for item in answer["items"]], documents)

    async def erase(self, dataset: Dataset, device_tokens: Collection[str]) -> int:
        """Delete page by page until a search finds nothing. Delete-by-query is a module that not every server has."""
        erased = 0
        try:
            while found := await self._find_page(dataset, _device_filter(device_tokens)):
                answer = await self._client.bulk(operations=[{"delete": one} for one in found])
                results = [item["delete"] for item in answer["items"]]
                if failed := next((one for one in results if one["status"] not in {*SUCCESS, NOT_FOUND}), None):
                    raise _transient_error(failed)
                erased += sum(one["status"] in SUCCESS for one in results)
        except (ApiError, TransportError) as error:
            raise unavailable(error) from None
        return erased

    async def expire(self, dataset: Dataset, before: MonthPartition) -> int:
        """Drop whole indexes, since each is of one month."""
        expired = 0
        try:
            for index in await self._client.indices.get_alias(index=f"{self.alias(dataset)}-*"):
                month = MonthPartition.of_index(index)
                if month is not None and month < before:
                    await self._client.indices.refresh(index=index)
                    expired += int((await self._client.count(index=index))["count"])
                    await self._client.indices.delete(index=index)
        except (ApiError, TransportError) as error:
            raise unavailable(error) from None
        return expired

    async def _find_page(self, dataset: Dataset, query: Mapping[str, Any]) -> list[dict[str, str]]:
        """Return index and id of up to `PAGE_SIZE` matches. Refresh first, because a search lags behind writes."""
        index = self.alias(dataset)
        await self._client.indices.refresh(index=index, ignore_unavailable=True)
        answer = await self._client.search(
            index=index, query=query, size=PAGE_SIZE, source=False, ignore_unavailable=True
        )
        return [{"_index": hit["_index"], "_id": hit["_id"]} for hit in answer["hits"]["hits"]]

    async def count(self, dataset: Dataset, device_tokens: Collection[str] | None = None) -> int:
        query = None if device_tokens is None else _device_filter(device_tokens)
        try:
            await self._client.indices.refresh(index=self.alias(dataset), ignore_unavailable=True)
            answer = await self._client.count(index=self.alias(dataset), query=query, ignore_unavailable=True)
        except (ApiError, TransportError) as error:
            raise unavailable(error) from None
        return int(answer["count"])

    async def find(self, dataset: Dataset) -> dict[str, dict[str, Any]]:
        """Return every document by id. It reads the whole alias: use it for checks and small indexes."""
        try:
            await self._client.indices.refresh(index=self.alias(dataset), ignore_unavailable=True)
            hits = async_scan(self._client, index=self.alias(dataset), ignore_unavailable=True)
            return {hit["_id"]: hit["_source"] async for hit in hits}
        except (ApiError, TransportError) as error:
            raise unavailable(error) from None

    async def close(self) -> None:
        await self._client.close()

    def _operation(self, dataset: Dataset, one: StoredDocument) -> tuple[dict[str, Any], dict[str, Any]]:
        action = {
            "_index": f"{self.alias(dataset)}-{MonthPartition.of(one.timestamp)}",
            "_id": one.id,
            "version": one.version,
            "version_type": "external",
        }
        document: dict[str, Any] = msgspec.to_builtins(one)
        if isinstance(one, Verdict):
            document |= extra_fields(one, time.time())
        del document["id"]
        return {"index": action}, document


def write_result(results: Sequence[dict[str, Any]], documents: Sequence[StoredDocument]) -> WriteResult:
    """Return the result of a write from the results of a bulk request, one per document in the same order.

    Raises:
        UnavailableError: some documents failed for a reason that can pass.
    """
    stored, stale, rejected = 0, 0, []
    for result, one in zip(results, documents, strict=True):
        status = result["status"]
        if status in SUCCESS:
            stored += 1
            continue
        if status == CONFLICT:
            stale += 1
            continue
        error_type = _error_type(result)
        if error_type not in DOCUMENT_ERRORS:
            raise _transient_error(result)
        rejected.append(RejectedDocument(one, error_type))
    return WriteResult(stored, stale, tuple(rejected))


def _error_type(result: Mapping[str, Any]) -> str:
    return str(result.get("error", {}).get("type", "unknown"))


def _transient_error(result: Mapping[str, Any]) -> UnavailableError:
    return UnavailableError(
        f"Elasticsearch does not accept documents now (status {result['status']}, {_error_type(result)}): if this "
        "lasts, check its log and the rights of GEOVELOCITY_ELASTIC_API_KEY"
    )


def _device_filter(device_tokens: Collection[str]) -> dict[str, Any]:
    return {"terms": {"device_token": sorted(device_tokens)}}
