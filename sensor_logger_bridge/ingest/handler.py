"""Intake: what happens to every message, whichever app it is of and whichever way it came.

Owner and rate; the app's translator, the watch for rounded positions, the broker; and what is remembered of it.
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
    "This phone's token is not known to the bank. Pair the phone again and put in the new token.",
)
RATE_LIMITED: Final = Unusable(429, "too-often", "Too many messages: let the phone report less often.")
BROKER_UNAVAILABLE: Final = Unusable(503, "broker-away", "The bank cannot take positions now; this one was not kept.")
COARSE_LOCATION: Final = Unusable(
    SHOWN_ON_PHONE,
    "cloaked",
    "This phone rounds its positions. Switch that off (in Sensor Logger: Coordinates Cloaking), then record again.",
)
MOCK: Final = Unusable(
    SHOWN_ON_PHONE,
    "mock",
    "This phone says that its positions are made up. Switch off whatever fakes them, then record again.",
)

OK: Final = "ok"


class IngestHandler:
    """Counts what became of messages, by code and by app; logs no ids, tokens or positions."""

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
        """The device whose token it is."""
        return self._devices.device_of(token)

    async def accept(self, app: App, owner: str, request: Request, now_ms: int) -> Fixes | NoPosition | Unusable:
        """Fixes: all of them are confirmed, and remembered. `now_ms`: the epoch's."""
        translation = app.translate(request, owner, now_ms)
        ending = await self._publish(translation) if isinstance(translation, Fixes) else translation
        if isinstance(ending, Fixes):
            self._record(app, ending, now_ms)
        elif isinstance(ending, NoPosition):
            self.answered[OK] += 1
            self.last_seen.seen(owner, app.name, now_ms)
        else:
            self.reject(app, owner, ending, now_ms)
        return ending

    def reject(self, app: App, owner: str, unusable: Unusable, now_ms: int) -> None:
        """Counts it, and keeps it for the page that its holder looks at."""
        self.answered[str(unusable.code)] += 1
        self.last_seen.seen(owner, app.name, now_ms, _problem(unusable))

    async def _publish(self, fixes: Fixes) -> Fixes | Unusable:
        push = fixes.push
        if self._coarse_locations.is_coarse(push.device_id, push.fixes):
            return COARSE_LOCATION
        try:
            await self.publisher.publish(push)
        except BrokerUnavailableError as error:
            self._report_broker(answers=False, why=str(error))
            return BROKER_UNAVAILABLE
        self._report_broker(answers=True)
        made_up = fixes.problem is None and any(fix.mock for fix in push.fixes)
        return replace(fixes, problem=MOCK) if made_up else fixes

    def _record(self, app: App, fixes: Fixes, now_ms: int) -> None:
        complaint = None if fixes.problem is None else _problem(fixes.problem)
        self.answered[OK if complaint is None else complaint.code] += 1
        self.last_seen.seen_fixes(fixes.push, app.name, now_ms, complaint)
        self.published[app.name] += len(fixes.push.fixes)
        self.skipped[app.name] += fixes.skipped
        noted = self._sequences.record(fixes.push)
        self.repeated[app.name] += noted.repeated
        self.missing[app.name] += noted.missing

    def _report_broker(self, *, answers: bool, why: str = "") -> None:
        """Says so once when it changes, not for every phone."""
        if answers != self._is_broker_available:
            self._is_broker_available = answers
            log.warning("the broker answers again" if answers else f"pushes are not confirmed ({why}): phones get 503")


def _problem(refused: Unusable) -> DeviceProblem:
    return DeviceProblem(str(refused.code), refused.text)
