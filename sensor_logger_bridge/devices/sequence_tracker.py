"""Detection of repeated and missing messages of each device.

Numbered messages may arrive in any order. A number is missing if it has not arrived when the sequence is `WINDOW`
numbers ahead of it. A message without a number is identified by its fixes. The results are only counted: the bridge
also publishes a repeated message, which has no further effect downstream.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from schemas.push import Push

WINDOW: Final = 64
"""Size of the replay window in message numbers."""

UNNUMBERED_MAX: Final = 16
"""Limit of remembered messages without numbers. Apps repeat only recent messages that were not answered."""

RESET_AFTER_GAP: Final = 100_000
"""A larger gap is a restart of the phone's counter. Otherwise it would mean more than a day of lost messages."""

DEVICES_MAX: Final = 100_000
"""Limit of devices. When full, the device with the oldest message is dropped."""


@dataclass(frozen=True, slots=True)
class SequenceResult:
    """Result for one message. `missing`: number of earlier messages that count as lost from now on."""

    repeated: bool = False
    missing: int = 0


@dataclass(slots=True)
class _Session:
    """State of a numbered session. Bit n of `received`: `highest` - n arrived. `width`: number of bits in use."""

    session_hash: int
    highest: int
    received: int
    width: int = 1


class SequenceTracker:
    """Sequence state by device id. Constant time for each message, constant memory for each device."""

    def __init__(self, devices_max: int = DEVICES_MAX) -> None:
        self._devices_max = devices_max
        self._devices: OrderedDict[str, _Session | tuple[int, ...]] = OrderedDict()

    def record(self, push: Push) -> SequenceResult:
        """Record a confirmed message."""
        before = self._devices.pop(push.device_id, None)
        after: _Session | tuple[int, ...]
        if push.message_id is None:
            result, after = _by_fixes(before if isinstance(before, tuple) else (), push)
        else:
            result, after = _by_number(before if isinstance(before, _Session) else None, push, push.message_id)
        self._devices[push.device_id] = after
        if len(self._devices) > self._devices_max:
            self._devices.popitem(last=False)
        return result


def _by_fixes(before: tuple[int, ...], push: Push) -> tuple[SequenceResult, tuple[int, ...]]:
    message = hash(tuple([(fix.at_ms, fix.latitude, fix.longitude) for fix in push.fixes]))
    if message in before:
        return SequenceResult(repeated=True), before
    return SequenceResult(), (*before[1 - UNNUMBERED_MAX :], message)


def _by_number(before: _Session | None, push: Push, number: int) -> tuple[SequenceResult, _Session]:
    session = hash(push.session_id)
    if before is None or before.session_hash != session or number - before.highest > RESET_AFTER_GAP:
        missing = 0 if before is None else before.width - before.received.bit_count()
        return SequenceResult(missing=missing), _Session(session, number, 1)
    behind = before.highest - number
    if behind < 0:
        return SequenceResult(missing=_advance(before, -behind)), before
    if behind >= WINDOW:
        return SequenceResult(), before  # outside the window: a repetition cannot be detected
    repeated = bool(before.received >> behind & 1)
    before.received |= 1 << behind
    before.width = max(before.width, behind + 1)  # numbers below the first received one do not count as missing
    return SequenceResult(repeated), before


def _advance(state: _Session, steps: int) -> int:
    """Move the window to a new highest number. Return how many numbers leave it without having arrived."""
    stay = max(0, WINDOW - steps)
    fallen = max(0, state.width + steps - WINDOW)
    missing = fallen - (state.received >> stay).bit_count()
    state.highest += steps
    state.received = (state.received & ((1 << stay) - 1)) << min(steps, WINDOW) | 1
    state.width = min(WINDOW, state.width + steps)
    return missing
