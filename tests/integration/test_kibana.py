"""Every shipped Kibana panel against the real Elasticsearch, with documents that the real sink wrote.

Kibana itself is not available here. The tests derive its searches from the saved objects (tests/support/kibana.py) and
compute the expected tables from the documents in Python (tests/support/tables.py).
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import pytest

from app.settings import Settings
from tests.support.kibana import LensPanel, Row, lens_panels, search_body, table
from tests.support.kibana_store import OLD_DOCUMENTS, PAYMENTS, KibanaStore, filled_store, flows
from tests.support.kuery import Kuery
from tests.support.tables import Near, expected_rows

STEP_S: Final = 600


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[KibanaStore]:
    async with filled_store(settings) as filled:
        yield filled


async def shown(store: KibanaStore, panel: LensPanel) -> list[Row]:
    return table(panel, await store.search(panel.alias, search_body(panel, STEP_S)))


def agree(value: Any, should: Any) -> bool:
    if isinstance(should, Near):
        return should.contains(value)
    return bool(value == (pytest.approx(should) if isinstance(should, float) else should))


def in_order(panel: LensPanel, rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [_rank(row[group]) for group in panel.groups])


def _rank(key: Any) -> tuple[float, str]:
    """Return a sort key of a group: a word, a number, or a range, the last of which has no end."""
    if isinstance(key, str):
        return 0.0, key
    return float(key[0] if isinstance(key, tuple) else key), ""


async def test_every_lens_panel_shows_the_expected_table(store: KibanaStore) -> None:
    asked = list(lens_panels(store.objects))
    for panel in asked:
        rows = await shown(store, panel)
        right = expected_rows(panel, store.datasets[panel.alias].values(), STEP_S)
        assert rows, f"{panel.id} shows nothing: the documents do not cover it"
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


async def test_numbers_equal_counts_of_the_documents(store: KibanaStore) -> None:
    by_id = {(panel.board.rpartition("-")[2], panel.id): panel for panel in lens_panels(store.objects)}

    async def number(board: str, name: str) -> Any:
        (row,) = await shown(store, by_id[board, name])
        return row[by_id[board, name].numbers[0]]

    documents = list(store.datasets[by_id["health", "judged"].alias].values())
    suspects = sum(one["verdict"] == "suspect" for one in documents)
    assert await number("health", "judged") == PAYMENTS + OLD_DOCUMENTS == 129
    assert await number("suspects", "count") == suspects == 33
    assert await number("suspects", "share") == pytest.approx(33 / 129)
    assert await number("suspects", "not-evaluable") == pytest.approx(32 / 129)
    back = store.datasets[by_id["suspects", "count"].alias].values()
    assert await number("suspects", "taken-back") == sum(one["verdict"] != "suspect" for one in back)


async def test_every_field_of_a_panel_exists_and_can_be_aggregated_where_needed(store: KibanaStore) -> None:
    asked: dict[str, dict[str, bool]] = {}
    for panel in lens_panels(store.objects):
        for field, grouped in panel.fields().items():
            of = asked.setdefault(panel.alias, {})
            of[field] = of.get(field, False) or grouped
    for alias, named in other_fields(store):
        asked.setdefault(alias, {}).update({field: field != "reason" for field in named})
    for alias, fields in asked.items():
        found = (await store.sink._client.field_caps(index=alias, fields=[*fields, "timestamp"]))["fields"]
        assert {*fields, "timestamp"} <= found.keys(), "the answer also names enclosing objects"
        assert list(found["timestamp"]) == ["date"]
        for field, grouped in fields.items():
            ((kind, capability),) = found[field].items()
            assert capability["searchable"], f"{field} is a {kind}"
            assert capability["aggregatable"] or not grouped, f"{field} is a {kind}"


def other_fields(store: KibanaStore) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields of the map, the flow map, the table and the data views, by alias."""
    suspects = next(alias for alias in store.datasets if alias.endswith("-suspects"))
    for layer in store.attributes("map")["layerListJSON"][1:]:
        source = layer["sourceDescriptor"]
        named = [source["geoField"], *source.get("tooltipProperties", ()), *Kuery(layer["query"]["query"]).fields]
        yield suspects, named + [metric["field"] for metric in source.get("metrics", ()) if "field" in metric]
    yield suspects, store.attributes("search")["columns"]
    yield suspects, flows(store)["url"]["body"]["_source"]
    for (kind, alias), one in store.objects.items():
        if kind == "index-pattern":
            yield alias, list(one["attributes"]["fieldFormatMap"])
