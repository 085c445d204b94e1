"""The generated saved objects, checked without Kibana."""

import re
from itertools import combinations
from typing import Any

import pytest

from deploy.kibana.__main__ import FILE
from deploy.kibana.objects import saved_objects
from deploy.kibana.saved_object import ndjson
from tests.support.kibana import lens_panels, panels, read

TEXT = FILE.read_text(encoding="utf-8")
OBJECTS = read(TEXT)
BOARDS = {id_: one for (kind, id_), one in OBJECTS.items() if kind == "dashboard"}


def test_the_shipped_file_equals_the_generated_one() -> None:
    assert ndjson(saved_objects("geovelocity")) == TEXT, "run `python -m deploy.kibana`"


def test_there_are_three_data_views_two_dashboards_a_map_and_a_table() -> None:
    kinds = sorted(kind for kind, _ in OBJECTS)
    assert kinds == ["dashboard"] * 2 + ["index-pattern"] * 3 + ["map", "search"]
    assert len(TEXT.splitlines()) == len(OBJECTS), "each has an id of its own"


def test_an_object_comes_after_those_it_refers_to() -> None:
    seen: set[tuple[str, str]] = set()
    for name, one in OBJECTS.items():
        assert {(reference["type"], reference["id"]) for reference in one["references"]} <= seen
        seen.add(name)


def test_reference_names_are_unique_and_every_used_one_is_declared() -> None:
    for one in OBJECTS.values():
        names = [reference["name"] for reference in one["references"]]
        assert len(names) == len(set(names))
        used = re.findall(r"'(?:indexPatternRefName|indexRefName)': '([^']+)'", str(one["attributes"]))
        assert set(used) <= set(names)
    for board, panel in panels(OBJECTS):
        names = [reference["name"] for reference in BOARDS[board]["references"]]
        inner = panel["embeddableConfig"].get("attributes", {}).get("references", [])
        own = [reference["name"] for reference in inner] + [name for name in [panel.get("panelRefName")] if name]
        assert {f"{panel['panelIndex']}:{name}" for name in own} <= set(names)


@pytest.mark.parametrize("board", BOARDS)
def test_panels_stay_on_the_grid_and_do_not_overlap(board: str) -> None:
    places = [panel["gridData"] for name, panel in panels(OBJECTS) if name == board]
    assert len({place["i"] for place in places}) == len(places)
    assert all(place["x"] >= 0 and place["x"] + place["w"] <= 48 for place in places)
    for one, other in combinations(places, 2):
        apart = [one[at] + one[size] <= other[at] or other[at] + other[size] <= one[at] for at, size in ("xw", "yh")]
        assert any(apart), f"{one['i']} overlaps {other['i']}"


@pytest.mark.parametrize("panel", list(lens_panels(OBJECTS)), ids=lambda panel: f"{panel.board}-{panel.id}")
def test_every_referenced_column_exists_and_every_column_is_shown(panel: Any) -> None:
    (state,) = [
        one["embeddableConfig"]["attributes"]["state"]
        for board, one in panels(OBJECTS)
        if (board, one["panelIndex"]) == (panel.board, panel.id)
    ]
    parts = {part for column in panel.columns.values() for part in column.get("references", [])}
    ordered = {column["params"].get("orderBy", {}).get("columnId") for column in panel.columns.values()} - {None}
    assert parts | ordered <= set(panel.columns)
    shown = {name for name in panel.columns if f"'{name}'" in str(state["visualization"])}
    assert shown == panel.columns.keys() - parts


def test_objects_of_another_namespace_carry_its_name() -> None:
    other = ndjson(saved_objects("eu"))
    assert re.search("geovelocity-(verdicts|suspects|feedback|board)", other) is None
    assert {id_.split("-")[0] for _, id_ in read(other)} == {"eu"}


def test_dashboards_load_nothing_from_the_internet_and_run_no_script() -> None:
    base = OBJECTS["map", "geovelocity-suspects-places"]["attributes"]["layerListJSON"][0]
    assert base["sourceDescriptor"]["type"] == "EMS_TMS"
    assert base["visible"] is False
    assert set(re.findall(r"https?://[^\"\\]+", TEXT)) == {"https://vega.github.io/schema/vega/v5.json"}  # an id
    assert re.search(r"\bscript\b|painless", TEXT) is None
