"""The shipped table, map and flow map of Kibana against the real Elasticsearch."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from app.settings import Settings
from tests.support.kibana_store import KibanaStore, filled_store, flows
from tests.support.kuery import Kuery
from tests.support.tables import values


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[KibanaStore]:
    async with filled_store(settings) as filled:
        yield filled


async def test_ecs_aliases_find_the_same_documents_as_own_fields(store: KibanaStore) -> None:
    alias = next(alias for alias in store.datasets if alias.endswith("-verdicts"))
    documents = store.datasets[alias].values()
    for name, own, value in (
        ("transaction.id", "transaction_id", "tx-8"),
        ("user.hash", "user_token", "user_k1_A"),
        ("device.id", "device_token", "device_k1_3"),
        ("rule.version", "rule.version", "2"),
        ("event.risk_score", "risk", 0),
        ("geovelocity.verdict", "verdict", "clear"),
    ):
        found = await store.search(alias, {"query": {"term": {name: value}}, "track_total_hits": True})
        assert found["hits"]["total"]["value"] == sum(value in values(one, own) for one in documents) > 0, name
    found = await store.search(
        alias, {"query": {"exists": {"field": "destination.geo.location"}}, "sort": [{"@timestamp": "desc"}], "size": 1}
    )
    assert found["hits"]["total"]["value"] == sum(one["place"] is not None for one in documents)
    assert found["hits"]["hits"][0]["_source"]["timestamp"] == max(
        one["timestamp"] for one in documents if one["place"]
    )
    alerts = await store.search(alias, {"query": {"term": {"event.kind": "alert"}}})
    assert alerts["hits"]["total"]["value"] == 30, "documents of an earlier release lack the field"


async def test_the_table_shows_the_latest_suspects_first(store: KibanaStore) -> None:
    search, alias = store.attributes("search"), next(alias for alias in store.datasets if alias.endswith("-suspects"))
    source = search["kibanaSavedObjectMeta"]["searchSourceJSON"]
    kuery = Kuery(source["query"]["query"])
    sort = [{field: direction} for field, direction in search["sort"]]
    answer = await store.search(
        alias, {"query": kuery.as_query(), "sort": sort, "size": 500, "fields": search["columns"], "_source": False}
    )
    documents = {id_: one for id_, one in store.datasets[alias].items() if kuery.matches(one)}
    times = [documents[hit["_id"]]["timestamp"] for hit in answer["hits"]["hits"]]
    assert len(times) == len(documents) == 33
    assert times == sorted(times, reverse=True)
    for hit in answer["hits"]["hits"]:
        for field in search["columns"]:
            assert sorted(hit.get("fields", {}).get(field, [])) == sorted(values(documents[hit["_id"]], field)), field


BOX: Final = {"top_left": {"lat": 85, "lon": -180}, "bottom_right": {"lat": -85, "lon": 180}}
"""The whole map, as Kibana filters by the visible area."""


async def test_every_layer_of_the_map_finds_its_suspects(store: KibanaStore) -> None:
    alias = next(alias for alias in store.datasets if alias.endswith("-suspects"))
    layers = {layer["id"]: layer for layer in store.attributes("map")["layerListJSON"][1:]}
    assert list(layers) == ["crowds", "phones", "shops"]
    for name, layer in layers.items():
        source, kuery = layer["sourceDescriptor"], Kuery(layer["query"]["query"])
        field = source["geoField"]
        suspects = [one for one in store.datasets[alias].values() if kuery.matches(one) and values(one, field)]
        query = {"bool": {"filter": [kuery.as_query(), {"geo_bounding_box": {field: BOX}}]}}
        if source["type"] == "ES_SEARCH":
            sort = [{source["sortField"]: source["sortOrder"]}]
            fields = [field, *source["tooltipProperties"]]
            body = {"query": query, "size": source["limit"], "sort": sort, "fields": fields, "_source": False}
            hits = (await store.search(alias, body))["hits"]["hits"]
            assert len(hits) == len(suspects) == (33 if name == "shops" else 30)
            seen = sorted(tuple(hit["fields"][field][0]["coordinates"]) for hit in hits)
            for point, where in zip(
                seen,
                sorted((place["lon"], place["lat"]) for one in suspects for place in values(one, field)),
                strict=True,
            ):
                assert point == pytest.approx(where, abs=1e-5)
            continue
        metrics = {
            f"{metric['type']}_of_{metric['field']}": {metric["type"]: {"field": metric["field"]}}
            for metric in source["metrics"]
            if "field" in metric
        }
        grid = {"geotile_grid": {"field": field, "precision": 4, "bounds": BOX, "size": 65_535, "shard_size": 65_535}}
        inner = {"gridCentroid": {"geo_centroid": {"field": field}}, **metrics}
        answer = await store.search(alias, {"size": 0, "query": query, "aggs": {"gridSplit": {**grid, "aggs": inner}}})
        buckets = answer["aggregations"]["gridSplit"]["buckets"]
        assert len(buckets) > 10
        assert sum(bucket["doc_count"] for bucket in buckets) == len(suspects) == 33
        assert sum(bucket["sum_of_amount"]["value"] for bucket in buckets) == pytest.approx(
            sum(float(one["amount"]) for one in suspects)
        )
        assert max(bucket["max_of_risk"]["value"] for bucket in buckets) == max(one["risk"] for one in suspects)
        assert all(-90 <= bucket["gridCentroid"]["location"]["lat"] <= 90 for bucket in buckets)


def with_time_range(value: Any) -> Any:
    """Return a Vega query with the placeholders replaced as Kibana does: no dashboard filters, and a time range."""
    if isinstance(value, dict):
        if value == {"%timefilter%": True}:
            return {"gte": "2026-11-01T00:00:00Z", "lte": "2026-12-31T00:00:00Z", "format": "strict_date_optional_time"}
        return {name: with_time_range(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_time_range(inner) for inner in value if not str(inner).startswith("%dashboard_context")]
    return value


async def test_every_flow_has_two_locations_and_the_highest_risk_comes_first(store: KibanaStore) -> None:
    data = flows(store)
    answer = await store.search(data["url"]["index"], with_time_range(data["url"]["body"]))
    hits: Any = answer
    for step in data["format"]["property"].split("."):
        hits = hits[step]
    documents = store.datasets[data["url"]["index"]].values()
    whole = [one for one in documents if one["verdict"] == "suspect" and "source" in one and one["place"]]
    assert len(hits) == len(whole) == 30
    assert [hit["_source"]["risk"] for hit in hits] == sorted((one["risk"] for one in whole), reverse=True)
    for transform in data["transform"]:
        for path in transform["fields"]:
            for hit in hits:
                (number,) = values(hit, path)
                assert isinstance(number, float)
