"""The alert throttle: one alert per payment, and a cool-down per device.

It is a pure fold over the records of a partition, by their own timestamps. A replay therefore decides the same.
"""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from schemas.verdict import Outcome, Status, Verdict

LOOKBACK_S: Final = 12 * 3600.0
"""How long the throttle remembers a payment. Its verdict is final within eleven hours (ADR 28)."""

REMEMBERED_MAX: Final = 100_000
"""Maximum payments, and maximum devices, per partition. When full, the oldest entry is dropped."""


@dataclass(frozen=True, slots=True)
class Notify:
    """A suspect that causes an alert. `suppressed_count`: suspects of its device since the last alert."""

    verdict: Verdict
    suppressed_count: int


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A suspect during the cool-down of its device. The next alert of the device counts it."""


@dataclass(slots=True)
class _Device:
    notified_at_s: float
    seen_at_s: float
    suppressed: set[str] = field(default_factory=set)


class AlertThrottle:
    """Memory of the payments and devices with an alert. It decides which suspects cause another one."""

    def __init__(self, min_risk: int, cool_down_s: float) -> None:
        self._min_risk = min_risk
        self._cool_down_s = cool_down_s
        self.memory_s = LOOKBACK_S + cool_down_s
        self._notified: OrderedDict[str, float] = OrderedDict()
        self._devices: OrderedDict[str, _Device] = OrderedDict()

    def decide(self, verdict: Verdict, now_s: float) -> Notify | Suppressed | None:
        """Return what to do about the next revision. None: it causes no alert and counts nowhere.

        `now_s`: timestamp of its record, in seconds.
        """
        self._evict_before(now_s - self.memory_s)
        device = self._devices.get(verdict.device_token)
        if verdict.verdict is not Outcome.SUSPECT:
            if device is not None:
                device.suppressed.discard(verdict.id)  # cleared before anyone was notified
            return None
        if verdict.status is not Status.FINAL or verdict.risk < self._min_risk or self._is_handled(verdict, device):
            return None
        if device is not None and now_s < device.notified_at_s + self._cool_down_s:
            device.suppressed.add(verdict.id)
            device.seen_at_s = now_s
            self._devices.move_to_end(verdict.device_token)
            return Suppressed()
        return self._notify(verdict, device, now_s)

    def erase(self, device_tokens: Collection[str]) -> None:
        """Forget these devices. No record about their payments can follow, so those need no entry to be removed."""
        for token in device_tokens:
            self._devices.pop(token, None)

    def _notify(self, verdict: Verdict, device: _Device | None, now_s: float) -> Notify:
        self._notified[verdict.id] = now_s
        self._devices.pop(verdict.device_token, None)
        self._devices[verdict.device_token] = _Device(now_s, now_s)
        for remembered in (self._notified, self._devices):
            if len(remembered) > REMEMBERED_MAX:
                remembered.popitem(last=False)
        return Notify(verdict, 0 if device is None else len(device.suppressed))

    def _is_handled(self, verdict: Verdict, device: _Device | None) -> bool:
        return verdict.id in self._notified or (device is not None and verdict.id in device.suppressed)

    def _evict_before(self, then_s: float) -> None:
        while self._notified and next(iter(self._notified.values())) < then_s:
            self._notified.popitem(last=False)
        while self._devices and next(iter(self._devices.values())).seen_at_s < then_s:
            self._devices.popitem(last=False)
