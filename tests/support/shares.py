"""Which process of a run takes which tests."""

from typing import Final

from xdist.scheduler import LoadScopeScheduling

TOGETHER: Final = "tests/browser/"


class Shares(LoadScopeScheduling):  # type: ignore[misc]  # the library has no types here
    """A file is of one process, and so are all of the browser's, which share a running service."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid.partition("::")[0]
