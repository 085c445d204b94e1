"""Fail-stop: end the process at once, without committing unprocessed records.

Faust acknowledges the record in hand when an agent raises or is cancelled, so an exception must never leave an agent.
The service manager restarts the process, and the next owner of the partitions processes the uncommitted records again.
"""

import logging
import os
from enum import IntEnum
from typing import NoReturn

log = logging.getLogger(__name__)


class ExitCode(IntEnum):
    """Exit codes of a worker, after sysexits.h. A restart alone helps after `RESTART` only."""

    RESTART = 70
    CONFIGURATION = 78


def fail_stop(reason: str, error: BaseException | None = None, code: ExitCode = ExitCode.RESTART) -> NoReturn:
    """End the process without running any exit handler, so that nothing is flushed, acknowledged or committed."""
    log.critical("fail-stop: %s", reason, exc_info=error)
    logging.shutdown()
    os._exit(code)
