"""Elasticsearch: an index a month, found through one alias a shelf; the template is made by `geovelocity init`."""

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
from app.sinks.elasticsearch.client import NOT_LET_IN, elastic_client, unavailable
from app.sinks.elasticsearch.ecs import DOCUMENT, extra_fields
from app.sinks.elasticsearch.mappings import FEEDBACK
from app.sinks.retention import MonthPartition
from schemas.stored_document import StoredDocument
from schemas.verdict import Verdict

NAMES: Final = MappingProxyType(
    {Dataset.VERDICTS: "verdicts", Dataset.SUSPECTS: "suspects", Dataset.FEEDBACK: "feedback"}
)
MAPPINGS: Final = MappingProxyType({Dataset.VERDICTS: DOCUMENT, Dataset.SUSPECTS: DOCUMENT, Dataset.FEEDBACK: FEEDBACK})
HAS_IT_ALREADY: Final = 409
GONE_ALREADY: Final = 404
FOUND_AT_ONCE_MAX: Final = 1_000
DONE: Final = range(200, 300)

FAULTS_OF_A_DOCUMENT: Final = frozenset({"document_parsing_exception", "mapper_parsing_exception"})
"""Only these speak of one document, which no waiting mends. Anything else (a full disk, too many shards, a role without
rights, a mapping older than this code) would meet the next document, too.
"""


def alias_of(settings: Settings, shelf: Dataset) -> str:
    """The name to search a shelf by."""
    return f"{settings.namespace}-{NAMES[shelf]}"


class ElasticSink:
    """Documents in Elasticsearch, each under its own version, so that an older one never overwrites.

    They lie in the month of their payment, whatever they say of it: so an id is always in the same index.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = elastic_client(settings)

    def alias(self, shelf: Dataset) -> str:
        return alias_of(self._settings, shelf)

    async def prepare(self) -> None:
        for shelf in Dataset:
            alias = self.alias(shelf)
            template: dict[str, Any] = {
                "settings": {"number_of_shards": 1, "number_of_replicas": self._settings.elastic_replicas},
                "mappings": MAPPINGS[shelf],
                "aliases": {alias: {}},
            }
            try:
                await self._client.indices.put_index_template(
                    name=alias, index_patterns=[f"{alias}-*"], template=template
                )
                # A template shapes new indexes alone; those that are there may lack a field of this release.
                await self._client.indices.put_mapping(
                    index=f"{alias}-*", properties=MAPPINGS[shelf]["properties"], allow_no_indices=True
                )
            except (ApiError, TransportError) as error:
                if isinstance(error, ApiError) and error.status_code in {400, *NOT_LET_IN}:
                    raise ConfigurationError(
                        f"Elasticsearch refused the template {alias} ({error.error}, status {error.status_code}): "
                        "check the rights of GEOVELOCITY_ELASTIC_API_KEY"
                    ) from None
                raise unavailable(error) from None

    async def store(self, shelf: Dataset, documents: Sequence[StoredDocument]) -> WriteResult:
        if not documents:
            return WriteResult()
        operations = [part for one in documents for part in self._operation(shelf, one)]
        try:
            answer = await self._client.bulk(operations=operations)
        except (ApiError, TransportError) as error:
            raise unavailable(error) from None
        return write_result([item["index"] for item in answer["items"]], documents)

    async def erase(self, shelf: Dataset, device_tokens: Collection[str]) -> int:
        """Deletes what it finds until it finds nothing: deleting by query is a module that not every server has."""
        erased = 0
        try:
            while found := await self._find_some(shelf, _of_devices(device_tokens)):
                answer = await self._client.bulk(operations=[{"delete": place} for place in found])
                results = [item["delete"] for item in answer["items"]]
                if bad := next((one for one in results if one["status"] not in {*DONE, GONE_ALREADY}), None):
                    raise _not_now(bad)
                erased += sum(one["status"] in DONE for one in results)
        except (ApiError, TransportError) as error:
            raise unavailable(error) from None
        return erased

    async def expire(self, shelf: Dataset, before: MonthPartition) -> int:
        """Drops whole indexes, since each is of one month."""
        expired = 0
        try:
            for index in await self._client.indices.get_alias(index=f"{self.alias(shelf)}-*"):
                month = MonthPartition.of_index(index)
                if month is not None and month < before:
                    await self._client.indices.refresh(index=index)
                    expired += int((await self._client.count(index=index))["count"])
                    await self._client.indices.delete(index=index)
        except (ApiError, TransportError) as error:
            raise unavailable(error) from None
        return expired

    async def _find_some(self, shelf: Dataset, query: Mapping[str, Any]) -> list[dict[str, str]]:
        """Where documents lie that match, as far as one answer goes. A search sees what was there at the refresh."""
        index = self.alias(shelf)
        await self._client.indices.refresh(index=index, ignore_unavailable=True)
        answer = await self._client.search(
            index=index, query=query, size=FOUND_AT_ONCE_MAX, source=False, ignore_unavailable=True
        )
        return [{"_index": hit["_index"], "_id": hit["_id"]} for hit in answer["hits"]["hits"]]

    async def count(self, shelf: Dataset, device_tokens: Collection[str] | None = None) -> int:
        query = None if device_tokens is None else _of_devices(device_tokens)
        try:
            await self._client.indices.refresh(index=self.alias(shelf), ignore_unavailable=True)
            answer = await self._client.count(index=self.alias(shelf), query=query, ignore_unavailable=True)
        except (ApiError, TransportError) as error:
            raise unavailable(error) from None
        return int(answer["count"])

    async def find(self, shelf: Dataset) -> dict[str, dict[str, Any]]:
        """Every document by id. For checks and small indexes: it reads all of them."""
        try:
            await self._client.indices.refresh(index=self.alias(shelf), ignore_unavailable=True)
            hits = async_scan(self._client, index=self.alias(shelf), ignore_unavailable=True)
            return {hit["_id"]: hit["_source"] async for hit in hits}
        except (ApiError, TransportError) as error:
            raise unavailable(error) from None

    async def close(self) -> None:
        await self._client.close()

    def _operation(self, shelf: Dataset, one: StoredDocument) -> tuple[dict[str, Any], dict[str, Any]]:
        action = {
            "_index": f"{self.alias(shelf)}-{MonthPartition.of(one.timestamp)}",
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
    """What became of the documents, from the results of a bulk request, one for each.

    Raises:
        UnavailableError: some were not taken for a reason that may pass.
    """
    stored, stale, refusals = 0, 0, []
    for result, one in zip(results, documents, strict=True):
        status = result["status"]
        if status in DONE:
            stored += 1
            continue
        if status == HAS_IT_ALREADY:
            stale += 1
            continue
        fault = _fault(result)
        if fault not in FAULTS_OF_A_DOCUMENT:
            raise _not_now(result)
        refusals.append(RejectedDocument(one, fault))
    return WriteResult(stored, stale, tuple(refusals))


def _fault(result: Mapping[str, Any]) -> str:
    return str(result.get("error", {}).get("type", "unknown"))


def _not_now(result: Mapping[str, Any]) -> UnavailableError:
    return UnavailableError(
        f"Elasticsearch does not take documents now (status {result['status']}, {_fault(result)}): if that does not "
        "pass, see its log and the rights of GEOVELOCITY_ELASTIC_API_KEY"
    )


def _of_devices(device_tokens: Collection[str]) -> dict[str, Any]:
    return {"terms": {"device_token": sorted(device_tokens)}}
