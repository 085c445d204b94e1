"""Lens: the charts, numbers and tables of a board, each kept within it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from deploy.kibana.column import Column
from deploy.kibana.data_view import DataView
from deploy.kibana.panel import PanelState, Size
from deploy.kibana.saved_object import kuery

LAYER: Final = "layer"


class ChartType(StrEnum):
    """How a panel looks."""

    NUMBER = "number"
    LINE = "line"
    AREA = "area_stacked"
    BARS = "bar_stacked"
    ROWS = "bar_horizontal"
    SHARES = "bar_percentage_stacked"
    RING = "ring"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Lens:
    """One panel. `columns`: first those it groups by, outermost first; then its numbers. `kql`: which documents."""

    id: str
    title: str
    description: str
    look: ChartType
    size: Size
    view: DataView
    columns: tuple[Column, ...]
    kql: str = ""

    def shown(self) -> PanelState:
        reference = self.view.reference(f"indexpattern-datasource-layer-{LAYER}")
        kind, visualization = _visualization(self.look, self.columns)
        attributes = {
            "title": self.title,
            "description": self.description,
            "visualizationType": kind,
            "type": "lens",
            "references": [reference.state()],
            "state": {
                "visualization": visualization,
                "query": kuery(self.kql),
                "filters": [],
                "datasourceStates": {
                    "formBased": {"layers": {LAYER: _layer(self.columns)}},
                    "indexpattern": {"layers": {}},
                    "textBased": {"layers": {}},
                },
                "internalReferences": [],
                "adHocDataViews": {},
            },
        }
        return PanelState("lens", {"attributes": attributes, "enhancements": {}}, (reference,))


def _layer(columns: tuple[Column, ...]) -> dict[str, Any]:
    return {
        "columns": {column.id: column.state() for column in columns},
        "columnOrder": [column.id for column in columns],
        "incompleteColumns": {},
        "ignoreGlobalFilters": False,
        "sampling": 1,
    }


def _visualization(look: ChartType, columns: tuple[Column, ...]) -> tuple[str, dict[str, Any]]:
    groups = [column.id for column in columns if column.groups]
    parts = {name for column in columns for name in column.others.get("references", ())}
    parts |= {name for column in columns if column.id in parts for name in column.others.get("references", ())}
    numbers = [column.id for column in columns if not column.groups and column.id not in parts]
    whole: Mapping[str, Any] = {"layerId": LAYER, "layerType": "data"}
    match look:
        case ChartType.NUMBER:
            broken_down = {"breakdownByAccessor": groups[0], "maxCols": 3} if groups else {}
            return "lnsMetric", {**whole, "metricAccessor": numbers[0], **broken_down}
        case ChartType.RING:
            ring = {"primaryGroups": groups, "metrics": numbers, "numberDisplay": "percent", "nestedLegend": False}
            shown = {"categoryDisplay": "default", "legendDisplay": "default"}
            return "lnsPie", {"shape": "donut", "layers": [{**whole, **ring, **shown}]}
        case ChartType.TABLE:
            return "lnsDatatable", {**whole, "columns": [{"columnId": name} for name in groups + numbers]}
        case _:
            return "lnsXY", _axes(look, whole, groups, numbers)


def _axes(look: ChartType, whole: Mapping[str, Any], groups: list[str], numbers: list[str]) -> dict[str, Any]:
    """The last group lies along the axis; one before it splits what stands there, by what is most in all of it."""
    split = {"splitAccessor": groups[0]} if len(groups) > 1 else {}
    layer = {**whole, "seriesType": look.value, "xAccessor": groups[-1], "accessors": numbers, **split}
    both = {"x": True, "yLeft": True, "yRight": True}
    return {
        "preferredSeriesType": look.value,
        "layers": [layer],
        "legend": {"isVisible": bool(split) or len(numbers) > 1, "position": "right"},
        "valueLabels": "hide",
        "fittingFunction": "None",
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
        "tickLabelsVisibilitySettings": both,
        "gridlinesVisibilitySettings": both,
        "yLeftExtent": {"mode": "full"},
        "yRightExtent": {"mode": "full"},
    }
