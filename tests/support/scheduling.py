"""The distribution of tests over the processes of a run."""

from typing import Final

from xdist.scheduler import LoadScopeScheduling

TOGETHER: Final = "tests/browser/"


class FileScheduling(LoadScopeScheduling):  # type: ignore[misc]  # the library has no types here
    """A scheduler that keeps each file in one process, and all browser tests in one, since they share a service."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid.partition("::")[0]
