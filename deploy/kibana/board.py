"""Dashboards: panels on a grid, in reading order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from deploy.kibana.panel import Panel
from deploy.kibana.saved_object import Reference, SavedObject, compact, kuery

GRID_WIDTH: Final = 48
REFRESH_MS: Final = 30_000


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard. `shows_from`: start of the time range when it is opened, as `now-4h`."""

    id: str
    title: str
    description: str
    shows_from: str
    panels: Sequence[Panel]

    def saved_object(self) -> SavedObject:
        """Return the saved object with its panels, which need no saved objects of their own."""
        references: list[Reference] = []
        states = []
        for panel, (x, y) in _laid_out(self.panels):
            panel_state = panel.state()
            references += [reference.within(panel.id) for reference in panel_state.references]
            position = {"x": x, "y": y, "w": panel.size.width, "h": panel.size.height, "i": panel.id}
            state: dict[str, Any] = {
                "type": panel_state.type,
                "title": panel.title,
                "panelIndex": panel.id,
                "gridData": position,
                "embeddableConfig": dict(panel_state.config),
            }
            states.append(
                state if panel_state.reference_name is None else {**state, "panelRefName": panel_state.reference_name}
            )
        return SavedObject("dashboard", self.id, self._attributes(states), tuple(references))

    def _attributes(self, panels: list[dict[str, Any]]) -> dict[str, Any]:
        options = {"useMargins": True, "syncColors": True, "syncCursor": True, "syncTooltips": True}
        return {
            "title": self.title,
            "description": self.description,
            "panelsJSON": compact(panels),
            "optionsJSON": compact({**options, "hidePanelTitles": False}),
            "timeRestore": True,
            "timeFrom": self.shows_from,
            "timeTo": "now",
            "refreshInterval": {"pause": False, "value": REFRESH_MS},
            "version": 1,
            "kibanaSavedObjectMeta": {"searchSourceJSON": compact({"query": kuery(""), "filter": []})},
        }


def _laid_out(panels: Iterable[Panel]) -> Iterator[tuple[Panel, tuple[int, int]]]:
    """Yield each panel with its column and row, from left to right.

    A panel that does not fit begins a new row under the tallest panel of the last one.
    """
    x = y = row_height = 0
    for panel in panels:
        if x + panel.size.width > GRID_WIDTH:
            x, y, row_height = 0, y + row_height, 0
        yield panel, (x, y)
        x += panel.size.width
        row_height = max(row_height, panel.size.height)
