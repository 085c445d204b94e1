"""Sequence: which messages of a phone came again, and which never came.

A phone that numbers its messages is held to its numbers: they may come in any order, and one that has not come by the
time `WINDOW` later ones have is missing. One that does not number them is held to what it said: a message is known by
its fixes. Both are for counting alone; a repeated message is published again, and changes nothing there.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from schemas.push import Push

WINDOW: Final = 64
UNNUMBERED_MAX: Final = 16
"""Of messages without numbers, so many are remembered: apps send again what was not answered, not what was long ago."""

RESET_AFTER_GAP: Final = 100_000
"""More than a day of messages that all got lost: rather a phone that counts anew."""

DEVICES_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class SequenceResult:
    """Of one message: whether it came before, and how many are given up with it."""

    repeated: bool = False
    missing: int = 0


@dataclass(slots=True)
class _Session:
    """Of one session: the highest number, and a bit for each of the numbers up to it, the lowest bit its own."""

    session_hash: int
    highest: int
    received: int
    width: int = 1


class SequenceTracker:
    """By device id. Whoever was unheard of for longest is forgotten first. Constant time and room a message."""

    def __init__(self, devices_max: int = DEVICES_MAX) -> None:
        self._devices_max = devices_max
        self._devices: OrderedDict[str, _Session | tuple[int, ...]] = OrderedDict()

    def record(self, push: Push) -> SequenceResult:
        """Takes a message in that has been confirmed."""
        before = self._devices.pop(push.device_id, None)
        after: _Session | tuple[int, ...]
        if push.message_id is None:
            noted, after = _by_fixes(before if isinstance(before, tuple) else (), push)
        else:
            noted, after = _by_number(before if isinstance(before, _Session) else None, push, push.message_id)
        self._devices[push.device_id] = after
        if len(self._devices) > self._devices_max:
            self._devices.popitem(last=False)
        return noted


def _by_fixes(before: tuple[int, ...], push: Push) -> tuple[SequenceResult, tuple[int, ...]]:
    known = hash(tuple([(fix.at_ms, fix.latitude, fix.longitude) for fix in push.fixes]))
    if known in before:
        return SequenceResult(repeated=True), before
    return SequenceResult(), (*before[1 - UNNUMBERED_MAX :], known)


def _by_number(before: _Session | None, push: Push, number: int) -> tuple[SequenceResult, _Session]:
    session = hash(push.session_id)
    if before is None or before.session_hash != session or number - before.highest > RESET_AFTER_GAP:
        missing = 0 if before is None else before.width - before.received.bit_count()
        return SequenceResult(missing=missing), _Session(session, number, 1)
    behind = before.highest - number
    if behind < 0:
        return SequenceResult(missing=_advance(before, -behind)), before
    if behind >= WINDOW:
        return SequenceResult(), before  # whether it came before is not known any more
    repeated = bool(before.received >> behind & 1)
    before.received |= 1 << behind
    before.width = max(before.width, behind + 1)  # one from before the first that came had not been waited for
    return SequenceResult(repeated), before


def _advance(state: _Session, steps: int) -> int:
    """A new highest number. Returns how many fall out of the window with it, and have not come."""
    stay = max(0, WINDOW - steps)
    fallen = max(0, state.width + steps - WINDOW)
    missing = fallen - (state.received >> stay).bit_count()
    state.highest += steps
    state.received = (state.received & ((1 << stay) - 1)) << min(steps, WINDOW) | 1
    state.width = min(WINDOW, state.width + steps)
    return missing
