"""The view of a worker that its parts get instead of the worker itself."""

from typing import Protocol


class WorkerState(Protocol):
    """The state of a worker as its parts see it. The parts never import the worker itself."""

    @property
    def is_ready(self) -> bool:
        """Whether the worker has joined its group and recovered its rows, and no rebalance is running."""
        ...

    @property
    def rebalancing(self) -> bool:
        """Whether a rebalance or the recovery after it is running."""
        ...

    @property
    def should_stop(self) -> bool:
        """Whether the worker is shutting down."""
        ...

    @property
    def not_ready_reason(self) -> str | None:
        """Why the worker does not process records, as a sentence. None: it does."""
        ...
