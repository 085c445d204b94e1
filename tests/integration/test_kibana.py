"""Every panel that is imported into Kibana, asked of the real Elasticsearch with what the real sink has put there.

Kibana itself is not to be had here. What it would ask is derived from the saved objects (tests/support/kibana.py), what
it has to show is reckoned from the documents in Python (tests/support/tables.py).
"""

import random
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import pytest

from app.settings import Settings
from app.sink.elastic import ElasticSink
from app.sink.sink import Shelf
from deploy.kibana.objects import saved_objects
from deploy.kibana.saved import ndjson
from schemas.feedback import Opinion
from schemas.timestamps import format_us
from schemas.verdict import FixEvidence, Outcome, Place, Rule, Status, Verdict
from tests.support.kibana import LensPanel, Row, lens_panels, panels, question, read, table
from tests.support.kuery import Kuery
from tests.support.make import NOON_MS, feedback, verdict
from tests.support.tables import Near, values, wanted

STEP_S: Final = 600
PAYMENTS: Final = 120
OF_BEFORE: Final = 9
"""Documents as an earlier release left them, with nothing beside the verdict."""


@dataclass(frozen=True)
class Store:
    """What is in Elasticsearch, by shelf and id, and how to ask it."""

    sink: ElasticSink
    shelves: Mapping[str, Mapping[str, Mapping[str, Any]]]
    objects: Mapping[tuple[str, str], dict[str, Any]]

    async def ask(self, alias: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self.sink._client.search(index=alias, body=dict(body), rest_total_hits_as_int=False)
        return dict(answer)

    def attributes(self, kind: str) -> dict[str, Any]:
        (found,) = [one["attributes"] for (of, _), one in self.objects.items() if of == kind]
        return dict(found)


def judged(number: int, chance: random.Random) -> Verdict:
    """One payment of an afternoon, or of the end of the month, so that there are two indexes."""
    at_us = (NOON_MS + number * 70_000 + (number % 7 == 0) * 10 * 86_400_000) * 1000
    outcome = (Outcome.SUSPECT, Outcome.CLEAR, Outcome.CLEAR, Outcome.NOT_EVALUABLE)[number % 4]
    known = outcome is not Outcome.NOT_EVALUABLE
    codes = {
        Outcome.SUSPECT: (("UNREACHABLE_BEFORE",), ("UNREACHABLE_BEFORE", "UNREACHABLE_AFTER"), ("CARD_VELOCITY",)),
        Outcome.CLEAR: (("REACHABLE",),),
        Outcome.NOT_EVALUABLE: (("NO_FIX",), ("STALE_FIX",), ("NO_PLACE",)),
    }[outcome]
    place, elapsed_s = Place(chance.uniform(-60, 60), chance.uniform(-179, 179)), round(chance.uniform(1, 900), 3)
    seen = FixEvidence(
        at=format_us(at_us - round(elapsed_s * 1e6)),
        horizontal_accuracy_m=round(chance.uniform(3, 80), 1),
        speed_mps=None,
        latitude=round(chance.uniform(-60, 60), 2),
        longitude=round(chance.uniform(-179, 179), 2),
    )
    return verdict(
        number,
        timestamp=format_us(at_us),
        amount=f"{chance.uniform(1, 3000):.2f}",
        currency=chance.choice(("USD", "EUR", "JPY", "GBP")),
        merchant=f"Shop {chance.randrange(14)}",
        merchant_category=chance.choice(("grocery", "fuel", "travel")),
        device_token=f"device_k1_{chance.randrange(25)}",
        place=None if "NO_PLACE" in codes[number % len(codes)] else place,
        verdict=outcome,
        status=chance.choice((Status.PROVISIONAL, Status.FINAL)),
        revision=chance.choice((1, 1, 1, 2, 3)),
        codes=codes[number % len(codes)],
        rule=Rule(name="card-against-phone", version=str(1 + number % 2), preset="default", parameters={"sigmas": 3.0}),
        distance_m=round(10 ** chance.uniform(0, 7), 2) if known else None,
        implied_speed_mps=round(10 ** chance.uniform(0, 6.5), 3) if known else None,
        elapsed_s=elapsed_s if known else None,
        fix_before=seen if known else None,
        risk=chance.randrange(1, 101) if outcome is Outcome.SUSPECT else 0,
    )


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    """An afternoon's documents, put there by the sink, and some of before it wrote anything beside the verdict."""
    sink, chance = ElasticSink(settings), random.Random(6)
    await sink.prepare()
    verdicts = [judged(number, chance) for number in range(PAYMENTS)]
    taken_back = [one for one in verdicts if one.verdict is Outcome.CLEAR and one.revision > 1]
    suspects = [one for one in verdicts if one.verdict is Outcome.SUSPECT] + taken_back
    assert (await sink.store(Shelf.VERDICTS, verdicts)).stored == PAYMENTS
    assert (await sink.store(Shelf.SUSPECTS, suspects)).stored == len(suspects) > 30
    words = [feedback(number, verdict=opinion) for number, opinion in enumerate([*Opinion, Opinion.FRAUD])]
    assert (await sink.store(Shelf.FEEDBACK, words)).stored == 4
    for number in range(PAYMENTS, PAYMENTS + OF_BEFORE):
        old = msgspec.to_builtins(judged(number, chance))
        for shelf in (Shelf.VERDICTS, Shelf.SUSPECTS):
            index = f"{sink.alias(shelf)}-{old['timestamp'][:7].replace('-', '.')}"
            document = {name: value for name, value in old.items() if name != "id"}
            await sink._client.index(index=index, id=old["id"], document=document)
    shelves = {sink.alias(shelf): await sink.find(shelf) for shelf in Shelf}
    yield Store(sink, shelves, read(ndjson(saved_objects(settings.namespace))))
    await sink.close()


async def shown(store: Store, panel: LensPanel) -> list[Row]:
    return table(panel, await store.ask(panel.alias, question(panel, STEP_S)))


def agree(value: Any, should: Any) -> bool:
    if isinstance(should, Near):
        return should.holds(value)
    return bool(value == (pytest.approx(should) if isinstance(should, float) else should))


def in_order(panel: LensPanel, rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [_rank(row[group]) for group in panel.groups])


def _rank(key: Any) -> tuple[float, str]:
    """Of a group: a word, a number, or a span, of which the last has no end."""
    if isinstance(key, str):
        return 0.0, key
    return float(key[0] if isinstance(key, tuple) else key), ""


async def test_every_panel_of_lens_shows_what_the_documents_say(store: Store) -> None:
    asked = list(lens_panels(store.objects))
    for panel in asked:
        rows = await shown(store, panel)
        right = wanted(panel, store.shelves[panel.alias].values(), STEP_S)
        assert rows, f"{panel.id} shows nothing: these documents do not try it"
        assert len(rows) == len(right), panel.id
        for row, should in zip(in_order(panel, rows), in_order(panel, right), strict=True):
            assert row.keys() == should.keys()
            for name, value in row.items():
                assert agree(value, should[name]), f"{panel.id}: {name} is {value}, not {should[name]}"
    operations = {column["operationType"] for panel in asked for column in panel.columns.values()}
    assert operations == {
        *("date_histogram", "terms", "range"),
        *("count", "sum", "max", "average", "unique_count", "median", "percentile", "formula", "math"),
    }


async def test_the_numbers_are_those_one_would_count_by_hand(store: Store) -> None:
    by_id = {(panel.board.rpartition("-")[2], panel.id): panel for panel in lens_panels(store.objects)}

    async def number(board: str, name: str) -> Any:
        (row,) = await shown(store, by_id[board, name])
        return row[by_id[board, name].numbers[0]]

    documents = list(store.shelves[by_id["health", "judged"].alias].values())
    suspects = sum(one["verdict"] == "suspect" for one in documents)
    assert await number("health", "judged") == PAYMENTS + OF_BEFORE == 129
    assert await number("suspects", "count") == suspects == 33
    assert await number("suspects", "share") == pytest.approx(33 / 129)
    assert await number("suspects", "not-evaluable") == pytest.approx(32 / 129)
    back = store.shelves[by_id["suspects", "count"].alias].values()
    assert await number("suspects", "taken-back") == sum(one["verdict"] != "suspect" for one in back)


async def test_every_field_of_every_panel_is_there_and_can_be_grouped_by_where_it_is(store: Store) -> None:
    asked: dict[str, dict[str, bool]] = {}
    for panel in lens_panels(store.objects):
        for field, grouped in panel.fields().items():
            of = asked.setdefault(panel.alias, {})
            of[field] = of.get(field, False) or grouped
    for alias, named in other_fields(store):
        asked.setdefault(alias, {}).update({field: field != "reason" for field in named})
    for alias, fields in asked.items():
        found = (await store.sink._client.field_caps(index=alias, fields=[*fields, "timestamp"]))["fields"]
        assert {*fields, "timestamp"} <= found.keys(), "beside them it names the objects they are in"
        assert list(found["timestamp"]) == ["date"]
        for field, grouped in fields.items():
            ((kind, capability),) = found[field].items()
            assert capability["searchable"], f"{field} is a {kind}"
            assert capability["aggregatable"] or not grouped, f"{field} is a {kind}"


def other_fields(store: Store) -> Iterator[tuple[str, list[str]]]:
    """Fields that the map, the lines, the list and the data views speak of."""
    suspects = next(alias for alias in store.shelves if alias.endswith("-suspects"))
    for layer in store.attributes("map")["layerListJSON"][1:]:
        source = layer["sourceDescriptor"]
        named = [source["geoField"], *source.get("tooltipProperties", ()), *Kuery(layer["query"]["query"]).fields]
        yield suspects, named + [metric["field"] for metric in source.get("metrics", ()) if "field" in metric]
    yield suspects, store.attributes("search")["columns"]
    yield suspects, ways(store)["url"]["body"]["_source"]
    for (kind, alias), one in store.objects.items():
        if kind == "index-pattern":
            yield alias, list(one["attributes"]["fieldFormatMap"])


async def test_the_names_of_the_common_schema_find_what_the_verdicts_own_names_find(store: Store) -> None:
    alias = next(alias for alias in store.shelves if alias.endswith("-verdicts"))
    documents = store.shelves[alias].values()
    for name, own, value in (
        ("transaction.id", "transaction_id", "tx-8"),
        ("user.hash", "user_token", "user_k1_A"),
        ("device.id", "device_token", "device_k1_3"),
        ("rule.version", "rule.version", "2"),
        ("event.risk_score", "risk", 0),
        ("geovelocity.verdict", "verdict", "clear"),
    ):
        found = await store.ask(alias, {"query": {"term": {name: value}}, "track_total_hits": True})
        assert found["hits"]["total"]["value"] == sum(value in values(one, own) for one in documents) > 0, name
    found = await store.ask(
        alias, {"query": {"exists": {"field": "destination.geo.location"}}, "sort": [{"@timestamp": "desc"}], "size": 1}
    )
    assert found["hits"]["total"]["value"] == sum(one["place"] is not None for one in documents)
    assert found["hits"]["hits"][0]["_source"]["timestamp"] == max(
        one["timestamp"] for one in documents if one["place"]
    )
    alerts = await store.ask(alias, {"query": {"term": {"event.kind": "alert"}}})
    assert alerts["hits"]["total"]["value"] == 30, "documents of an earlier release have none"


async def test_the_list_shows_the_newest_suspects_first(store: Store) -> None:
    search, alias = store.attributes("search"), next(alias for alias in store.shelves if alias.endswith("-suspects"))
    source = search["kibanaSavedObjectMeta"]["searchSourceJSON"]
    kuery = Kuery(source["query"]["query"])
    sort = [{field: direction} for field, direction in search["sort"]]
    answer = await store.ask(
        alias, {"query": kuery.asked(), "sort": sort, "size": 500, "fields": search["columns"], "_source": False}
    )
    documents = {id_: one for id_, one in store.shelves[alias].items() if kuery.holds(one)}
    times = [documents[hit["_id"]]["timestamp"] for hit in answer["hits"]["hits"]]
    assert len(times) == len(documents) == 33
    assert times == sorted(times, reverse=True)
    for hit in answer["hits"]["hits"]:
        for field in search["columns"]:
            assert sorted(hit.get("fields", {}).get(field, [])) == sorted(values(documents[hit["_id"]], field)), field


BOX: Final = {"top_left": {"lat": 85, "lon": -180}, "bottom_right": {"lat": -85, "lon": 180}}
"""The whole map, as Kibana asks for what is to be seen."""


async def test_every_layer_of_the_map_finds_the_suspects_it_has_to_show(store: Store) -> None:
    alias = next(alias for alias in store.shelves if alias.endswith("-suspects"))
    layers = {layer["id"]: layer for layer in store.attributes("map")["layerListJSON"][1:]}
    assert list(layers) == ["crowds", "phones", "shops"]
    for name, layer in layers.items():
        source, kuery = layer["sourceDescriptor"], Kuery(layer["query"]["query"])
        field = source["geoField"]
        suspects = [one for one in store.shelves[alias].values() if kuery.holds(one) and values(one, field)]
        query = {"bool": {"filter": [kuery.asked(), {"geo_bounding_box": {field: BOX}}]}}
        if source["type"] == "ES_SEARCH":
            sort = [{source["sortField"]: source["sortOrder"]}]
            fields = [field, *source["tooltipProperties"]]
            body = {"query": query, "size": source["limit"], "sort": sort, "fields": fields, "_source": False}
            hits = (await store.ask(alias, body))["hits"]["hits"]
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
        answer = await store.ask(alias, {"size": 0, "query": query, "aggs": {"gridSplit": {**grid, "aggs": inner}}})
        buckets = answer["aggregations"]["gridSplit"]["buckets"]
        assert len(buckets) > 10
        assert sum(bucket["doc_count"] for bucket in buckets) == len(suspects) == 33
        assert sum(bucket["sum_of_amount"]["value"] for bucket in buckets) == pytest.approx(
            sum(float(one["amount"]) for one in suspects)
        )
        assert max(bucket["max_of_risk"]["value"] for bucket in buckets) == max(one["risk"] for one in suspects)
        assert all(-90 <= bucket["gridCentroid"]["location"]["lat"] <= 90 for bucket in buckets)


def ways(store: Store) -> dict[str, Any]:
    """The part of Vega's specification that asks for documents."""
    (panel,) = [panel for _, panel in panels(store.objects) if panel["type"] == "visualization"]
    (data,) = [one for one in panel["embeddableConfig"]["savedVis"]["params"]["spec"]["data"] if one["name"] == "ways"]
    return dict(data)


def filled(value: Any) -> Any:
    """What Kibana makes of a query in Vega: its own filters, here none, and the time that is looked at."""
    if isinstance(value, dict):
        if value == {"%timefilter%": True}:
            return {"gte": "2026-11-01T00:00:00Z", "lte": "2026-12-31T00:00:00Z", "format": "strict_date_optional_time"}
        return {name: filled(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner) for inner in value if not str(inner).startswith("%dashboard_context")]
    return value


async def test_every_line_has_two_ends_and_the_gravest_come_first(store: Store) -> None:
    data = ways(store)
    answer = await store.ask(data["url"]["index"], filled(data["url"]["body"]))
    hits: Any = answer
    for step in data["format"]["property"].split("."):
        hits = hits[step]
    documents = store.shelves[data["url"]["index"]].values()
    whole = [one for one in documents if one["verdict"] == "suspect" and "source" in one and one["place"]]
    assert len(hits) == len(whole) == 30
    assert [hit["_source"]["risk"] for hit in hits] == sorted((one["risk"] for one in whole), reverse=True)
    for transform in data["transform"]:
        for path in transform["fields"]:
            for hit in hits:
                (number,) = values(hit, path)
                assert isinstance(number, float)
