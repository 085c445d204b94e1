"""Panels: the parts of a dashboard, with their references to saved objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from deploy.kibana.saved_object import Reference, SavedObject


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a panel in columns and rows of the grid, which is 48 columns wide."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PanelState:
    """A panel as a dashboard stores it.

    `reference_name`: name of the reference to a separate saved object, if the panel shows one.
    """

    type: str
    config: Mapping[str, Any]
    references: tuple[Reference, ...]
    reference_name: str | None = None


class Panel(Protocol):
    """Something that a dashboard can show."""

    @property
    def id(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def size(self) -> Size: ...

    def state(self) -> PanelState:
        """Return the panel as a dashboard stores it."""
        ...


@dataclass(frozen=True, slots=True)
class PanelReference:
    """A panel that shows a separate saved object, which people can also open from the dashboard."""

    id: str
    title: str
    size: Size
    saved: SavedObject

    def state(self) -> PanelState:
        """Return the panel as a reference."""
        name = f"panel_{self.id}"
        return PanelState(
            self.saved.type, {"enhancements": {}}, (Reference(name, self.saved.type, self.saved.id),), name
        )
