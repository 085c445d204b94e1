"""The last message of each device, for the pairing page, which shows the phone's holder whether the setup works.

The state is in memory and bounded. It helps while a person sets up a phone, and is no record.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from schemas.push import Push

DEVICES_MAX: Final = 100_000
"""Limit of devices. When full, the device with the oldest message is dropped."""


@dataclass(frozen=True, slots=True)
class DeviceProblem:
    """A problem for the phone's holder to solve: one of `RESPONSE_CODES`, and a sentence without ids or positions."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class LastReport:
    """The last message of a device.

    `at_ms` and `accuracy_m` are those of its newest fix. None: the device has sent no fix, or does not know the value.
    `problem` becomes None with the next message that has none.
    """

    app: str
    received_at_ms: int
    at_ms: int | None = None
    accuracy_m: float | None = None
    problem: DeviceProblem | None = None


class LastSeen:
    """The last report by device id. It reads no clock: the caller passes the time of receipt."""

    def __init__(self, devices_max: int = DEVICES_MAX) -> None:
        self._devices_max = devices_max
        self._last: OrderedDict[str, LastReport] = OrderedDict()

    def of(self, device_id: str) -> LastReport | None:
        """Return the device's last report, or None if it has sent nothing since the bridge started."""
        return self._last.get(device_id)

    def seen(self, device_id: str, app: str, received_at_ms: int, problem: DeviceProblem | None = None) -> None:
        """Record a message without accepted positions. The facts about the newest fix stay."""
        before = self._last.pop(device_id, None) or LastReport(app, received_at_ms)
        self._keep(device_id, replace(before, app=app, received_at_ms=received_at_ms, problem=problem))

    def seen_fixes(self, push: Push, app: str, received_at_ms: int, problem: DeviceProblem | None = None) -> None:
        """Record accepted positions. A late push does not replace a newer fix."""
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
