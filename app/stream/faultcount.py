"""Fault count: how many fixes had which fault since the worker was started. Told in the log, once a minute at most."""

import logging
from collections import Counter
from collections.abc import Mapping
from time import monotonic
from typing import Final

from schemas.fault import Fault

log = logging.getLogger(__name__)

SAY_EVERY_S: Final = 60.0


class FaultCount:
    """A fault that a crash kept from being counted is counted when its record is read again."""

    def __init__(self) -> None:
        self.total: Counter[Fault] = Counter()
        self._said: Counter[Fault] = Counter()
        self._said_at_s = monotonic() - SAY_EVERY_S

    def add(self, faults: Mapping[Fault, int]) -> None:
        """Adds those of a batch that is done."""
        self.total.update(faults)
        if self.total != self._said and monotonic() - self._said_at_s >= SAY_EVERY_S:
            told = ", ".join(f"{fault} {number}" for fault, number in sorted(self.total.items()))
            log.info("faults of fixes since the start: %s", told)
            self._said, self._said_at_s = self.total.copy(), monotonic()
