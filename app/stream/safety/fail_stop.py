"""Fail-stop: leave at once, with nothing committed that is not done.

Faust acks the record in hand when an agent raises or is cancelled, so an exception must never leave an agent. What
was not committed is done again by whoever comes next: the service manager starts the process anew.
"""

import logging
import os
from enum import IntEnum
from typing import NoReturn

log = logging.getLogger(__name__)


class ExitCode(IntEnum):
    """Exit codes of a worker, after sysexits.h. Only with `RESTART` does starting again help by itself."""

    RESTART = 70
    CONFIGURATION = 78


def fail_stop(reason: str, error: BaseException | None = None, code: ExitCode = ExitCode.RESTART) -> NoReturn:
    """Ends the process without running any handler: nothing may be flushed, acked or committed on the way out."""
    log.critical("fail-stop: %s", reason, exc_info=error)
    logging.shutdown()
    os._exit(code)
