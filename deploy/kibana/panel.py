"""Panel: one field of a board, with what it needs of other saved objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from deploy.kibana.saved_object import Reference, SavedObject


@dataclass(frozen=True, slots=True)
class Size:
    """Columns and rows of the board's grid, which is 48 columns wide."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PanelState:
    """A panel as a board keeps it. `refers_to`: the name of the reference to a saved object that stands on its own."""

    type: str
    config: Mapping[str, Any]
    references: tuple[Reference, ...]
    refers_to: str | None = None


class Panel(Protocol):
    """Whatever can stand on a board."""

    @property
    def id(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def size(self) -> Size: ...

    def shown(self) -> PanelState: ...


@dataclass(frozen=True, slots=True)
class PanelReference:
    """A panel that shows a saved object of its own, which can be opened from the board."""

    id: str
    title: str
    size: Size
    saved: SavedObject

    def shown(self) -> PanelState:
        name = f"panel_{self.id}"
        return PanelState(
            self.saved.type, {"enhancements": {}}, (Reference(name, self.saved.type, self.saved.id),), name
        )
