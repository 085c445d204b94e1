"""Handling of every message, from any app and over any transport.

A caller checks the token's owner and the rate. The handler translates the message, rejects rounded positions, publishes
the push and updates counters, the last report and the sequence of messages.
"""

import logging
from collections import Counter
from dataclasses import replace
from typing import Final

from sensor_logger_bridge.apps.app import App, Request
from sensor_logger_bridge.devices.last_seen import DeviceProblem, LastSeen
from sensor_logger_bridge.devices.registry import DeviceRegistry
from sensor_logger_bridge.devices.sequence_tracker import SequenceTracker
from sensor_logger_bridge.http.rate_limiter import TokenBucket
from sensor_logger_bridge.ingest.coarse_location import CoarseLocationDetector
from sensor_logger_bridge.publisher import BrokerUnavailableError, Publisher
from sensor_logger_bridge.translation import SHOWN_ON_PHONE, Fixes, NoPosition, Unusable

log = logging.getLogger(__name__)

UNKNOWN_TOKEN: Final = Unusable(
    SHOWN_ON_PHONE,
    "unknown-token",
    "The bank does not know this phone's token. Pair the phone again and enter the new token.",
)
RATE_LIMITED: Final = Unusable(429, "too-often", "Too many messages: set the phone to send less often.")
BROKER_UNAVAILABLE: Final = Unusable(
    503, "broker-away", "The bank cannot accept positions now. This one was not stored."
)
COARSE_LOCATION: Final = Unusable(
    SHOWN_ON_PHONE,
    "cloaked",
    "This phone rounds its positions. Switch rounding off (in Sensor Logger: Coordinates Cloaking), then record again.",
)
MOCK: Final = Unusable(
    SHOWN_ON_PHONE,
    "mock",
    "This phone reports that its positions are fake. Switch off the app that fakes them, then record again.",
)

OK: Final = "ok"
"""Code of an accepted message."""


class IngestHandler:
    """Handler of messages, with counters by code and by app. It logs no ids, tokens or positions."""

    def __init__(self, devices: DeviceRegistry, publisher: Publisher) -> None:
        self.publisher = publisher
        self.rate_limiter = TokenBucket()
        self.last_seen = LastSeen()
        self.answered: Counter[str] = Counter()
        self.published: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()
        self._devices = devices
        self._coarse_locations = CoarseLocationDetector()
        self._sequences = SequenceTracker()
        self._is_broker_available = True

    def owner_of(self, token: str) -> str | None:
        """Return the token's device, or None if the token is unknown."""
        return self._devices.device_of(token)

    async def accept(self, app: App, owner: str, request: Request, now_ms: int) -> Fixes | NoPosition | Unusable:
        """Translate and publish a message. `now_ms`: epoch milliseconds.

        Returns `Fixes` if the broker has confirmed all of them, `NoPosition` for a valid message without positions,
        `Unusable` if nothing was published.
        """
        translation = app.translate(request, owner, now_ms)
        outcome = await self._publish(translation) if isinstance(translation, Fixes) else translation
        if isinstance(outcome, Fixes):
            self._record(app, outcome, now_ms)
        elif isinstance(outcome, NoPosition):
            self.answered[OK] += 1
            self.last_seen.seen(owner, app.name, now_ms)
        else:
            self.reject(app, owner, outcome, now_ms)
        return outcome

    def reject(self, app: App, owner: str, unusable: Unusable, now_ms: int) -> None:
        """Count a rejected message, and record its problem for the pairing page."""
        self.answered[str(unusable.code)] += 1
        self.last_seen.seen(owner, app.name, now_ms, _problem(unusable))

    async def _publish(self, fixes: Fixes) -> Fixes | Unusable:
        push = fixes.push
        if self._coarse_locations.is_coarse(push.device_id, push.fixes):
            return COARSE_LOCATION
        try:
            await self.publisher.publish(push)
        except BrokerUnavailableError as error:
            self._report_broker(available=False, why=str(error))
            return BROKER_UNAVAILABLE
        self._report_broker(available=True)
        is_mock = fixes.problem is None and any(fix.mock for fix in push.fixes)
        return replace(fixes, problem=MOCK) if is_mock else fixes

    def _record(self, app: App, fixes: Fixes, now_ms: int) -> None:
        problem = None if fixes.problem is None else _problem(fixes.problem)
        self.answered[OK if problem is None else problem.code] += 1
        self.last_seen.seen_fixes(fixes.push, app.name, now_ms, problem)
        self.published[app.name] += len(fixes.push.fixes)
        self.skipped[app.name] += fixes.skipped
        result = self._sequences.record(fixes.push)
        self.repeated[app.name] += result.repeated
        self.missing[app.name] += result.missing

    def _report_broker(self, *, available: bool, why: str = "") -> None:
        """Log a change of the broker's state once, not for every phone."""
        if available != self._is_broker_available:
            self._is_broker_available = available
            log.warning(
                "the broker confirms again" if available else f"the broker does not confirm ({why}): phones get 503"
            )


def _problem(refused: Unusable) -> DeviceProblem:
    return DeviceProblem(str(refused.code), refused.text)
