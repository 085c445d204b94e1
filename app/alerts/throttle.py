"""Picker: of which suspects people are told, and which are held back.

A pure fold over the records of a partition, by their own timestamps: whoever reads them again decides the same.
"""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from schemas.verdict import Outcome, Status, Verdict

MEMORY_S: Final = 12 * 3600.0
"""A payment's last word is spoken within eleven hours (README, the life of a verdict)."""

REMEMBERED_MAX: Final = 100_000
"""Cases, and devices, of a partition; the oldest are forgotten first."""


@dataclass(frozen=True, slots=True)
class Notify:
    """A suspect that people are to be told of. `more_of_device`: held back since the last one of this device."""

    verdict: Verdict
    more_of_device: int


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A suspect that the next message about its device counts."""


@dataclass(slots=True)
class _Device:
    told_at_s: float
    seen_at_s: float
    held: set[str] = field(default_factory=set)


class AlertThrottle:
    """Remembers which cases were told of, and each device's last message."""

    def __init__(self, min_risk: int, cool_down_s: float) -> None:
        self._min_risk = min_risk
        self._cool_down_s = cool_down_s
        self.memory_s = MEMORY_S + cool_down_s
        self._told: OrderedDict[str, float] = OrderedDict()
        self._devices: OrderedDict[str, _Device] = OrderedDict()

    def take(self, verdict: Verdict, now_s: float) -> Notify | Suppressed | None:
        """What to do with the next revision, published at this time. None: nothing, it is not new or not enough."""
        self._forget_before(now_s - self.memory_s)
        device = self._devices.get(verdict.device_token)
        if verdict.verdict is not Outcome.SUSPECT:
            if device is not None:
                device.held.discard(verdict.id)  # it was taken back before anybody was told
            return None
        if verdict.status is not Status.FINAL or verdict.risk < self._min_risk or self._is_known(verdict, device):
            return None
        if device is not None and now_s < device.told_at_s + self._cool_down_s:
            device.held.add(verdict.id)
            device.seen_at_s = now_s
            self._devices.move_to_end(verdict.device_token)
            return Suppressed()
        return self._tell(verdict, device, now_s)

    def erase(self, device_tokens: Collection[str]) -> None:
        """Forgets these devices. Their cases cannot come again."""
        for token in device_tokens:
            self._devices.pop(token, None)

    def _tell(self, verdict: Verdict, device: _Device | None, now_s: float) -> Notify:
        self._told[verdict.id] = now_s
        self._devices.pop(verdict.device_token, None)
        self._devices[verdict.device_token] = _Device(now_s, now_s)
        for remembered in (self._told, self._devices):
            if len(remembered) > REMEMBERED_MAX:
                remembered.popitem(last=False)
        return Notify(verdict, 0 if device is None else len(device.held))

    def _is_known(self, verdict: Verdict, device: _Device | None) -> bool:
        return verdict.id in self._told or (device is not None and verdict.id in device.held)

    def _forget_before(self, then_s: float) -> None:
        while self._told and next(iter(self._told.values())) < then_s:
            self._told.popitem(last=False)
        while self._devices and next(iter(self._devices.values())).seen_at_s < then_s:
            self._devices.popitem(last=False)
