"""Panels of Kibana Lens: charts, numbers and tables."""

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
    """The type of a chart. The values of XY charts are those of Lens."""

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
    """A Lens panel within a dashboard.

    `columns`: the grouping columns, outermost first, then the numbers. `kql`: filter of the documents.
    """

    id: str
    title: str
    description: str
    chart_type: ChartType
    size: Size
    view: DataView
    columns: tuple[Column, ...]
    kql: str = ""

    def state(self) -> PanelState:
        """Return the panel as a dashboard stores it."""
        reference = self.view.reference(f"indexpattern-datasource-layer-{LAYER}")
        type_, visualization = _visualization(self.chart_type, self.columns)
        attributes = {
            "title": self.title,
            "description": self.description,
            "visualizationType": type_,
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


def _visualization(chart_type: ChartType, columns: tuple[Column, ...]) -> tuple[str, dict[str, Any]]:
    groups = [column.id for column in columns if column.groups]
    parts = {name for column in columns for name in column.others.get("references", ())}
    parts |= {name for column in columns if column.id in parts for name in column.others.get("references", ())}
    numbers = [column.id for column in columns if not column.groups and column.id not in parts]
    whole: Mapping[str, Any] = {"layerId": LAYER, "layerType": "data"}
    match chart_type:
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
            return "lnsXY", _axes(chart_type, whole, groups, numbers)


def _axes(chart_type: ChartType, whole: Mapping[str, Any], groups: list[str], numbers: list[str]) -> dict[str, Any]:
    """Return an XY chart. The last grouping column is the x axis, and one before it splits the series."""
    split = {"splitAccessor": groups[0]} if len(groups) > 1 else {}
    layer = {**whole, "seriesType": chart_type.value, "xAccessor": groups[-1], "accessors": numbers, **split}
    both = {"x": True, "yLeft": True, "yRight": True}
    return {
        "preferredSeriesType": chart_type.value,
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
