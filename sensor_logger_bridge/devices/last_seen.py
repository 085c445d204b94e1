"""Heard: the last that was heard of each phone, for the page that tells its holder whether it works.

In memory alone, and of so many devices: it is a help while a phone is being set up, and no record.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from schemas.push import Push

DEVICES_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class DeviceProblem:
    """What its holder has to put right: a code of `codes.CODES`, and a sentence without ids or positions."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class LastReport:
    """Of one device. `at_ms`, `accuracy_m`: of its newest fix, None: it has sent none, or does not know.

    `complaint` is None again as soon as a message came against which there is nothing to say.
    """

    app: str
    received_at_ms: int
    at_ms: int | None = None
    accuracy_m: float | None = None
    problem: DeviceProblem | None = None


class LastSeen:
    """By device id. Whoever was unheard of for longest is forgotten first. No clock: times of receipt are given."""

    def __init__(self, devices_max: int = DEVICES_MAX) -> None:
        self._devices_max = devices_max
        self._last: OrderedDict[str, LastReport] = OrderedDict()

    def of(self, device_id: str) -> LastReport | None:
        """None: nothing since the bridge was started."""
        return self._last.get(device_id)

    def seen(self, device_id: str, app: str, received_at_ms: int, problem: DeviceProblem | None = None) -> None:
        """A message without positions that were kept; what is known of its fixes stays."""
        before = self._last.pop(device_id, None) or LastReport(app, received_at_ms)
        self._keep(device_id, replace(before, app=app, received_at_ms=received_at_ms, problem=problem))

    def seen_fixes(self, push: Push, app: str, received_at_ms: int, problem: DeviceProblem | None = None) -> None:
        """Positions that were kept. Late ones do not make it forget a newer one."""
        newest = max(push.fixes, key=lambda fix: fix.at_ms)
        before = self._last.pop(push.device_id, None)
        if before is not None and before.at_ms is not None and before.at_ms > newest.at_ms:
            last = replace(before, app=app, received_at_ms=received_at_ms, problem=problem)
        else:
            last = LastReport(app, received_at_ms, newest.at_ms, newest.horizontal_accuracy_m, problem)
        self._keep(push.device_id, last)

    def _keep(self, device_id: str, last: LastReport) -> None:
        self._last[device_id] = last
        if len(self._last) > self._devices_max:
            self._last.popitem(last=False)
