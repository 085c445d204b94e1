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
from sensor_logger_bridge.translation import SHOWN_TO_THE_PERSON, Fixes, NoPosition, Unusable

log = logging.getLogger(__name__)

UNKNOWN_TOKEN: Final = Unusable(
    SHOWN_TO_THE_PERSON,
    "unknown-token",
    "This phone's token is not known to the bank. Pair the phone again and put in the new token.",
)
TOO_OFTEN: Final = Unusable(429, "too-often", "Too many messages: let the phone report less often.")
BROKER_AWAY: Final = Unusable(503, "broker-away", "The bank cannot take positions now; this one was not kept.")
CLOAKED: Final = Unusable(
    SHOWN_TO_THE_PERSON,
    "cloaked",
    "This phone rounds its positions. Switch that off (in Sensor Logger: Coordinates Cloaking), then record again.",
)
MOCK: Final = Unusable(
    SHOWN_TO_THE_PERSON,
    "mock",
    "This phone says that its positions are made up. Switch off whatever fakes them, then record again.",
)

OK: Final = "ok"


class IngestHandler:
    """Counts what became of messages, by code and by app; logs no ids, tokens or positions."""

    def __init__(self, devices: DeviceRegistry, publisher: Publisher) -> None:
        self.publisher = publisher
        self.rate = TokenBucket()
        self.heard = LastSeen()
        self.answered: Counter[str] = Counter()
        self.kept: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()
        self._devices = devices
        self._cloak = CoarseLocationDetector()
        self._sequences = SequenceTracker()
        self._broker_answers = True

    def owner_of(self, token: str) -> str | None:
        """The device whose token it is."""
        return self._devices.device_of(token)

    async def take(self, app: App, owner: str, sent: Request, now_ms: int) -> Fixes | NoPosition | Unusable:
        """Fixes: all of them are confirmed, and remembered. `now_ms`: the epoch's."""
        translation = app.translate(sent, owner, now_ms)
        ending = await self._publish(translation) if isinstance(translation, Fixes) else translation
        if isinstance(ending, Fixes):
            self._remember(app, ending, now_ms)
        elif isinstance(ending, NoPosition):
            self.answered[OK] += 1
            self.heard.word(owner, app.name, now_ms)
        else:
            self.refuse(app, owner, ending, now_ms)
        return ending

    def refuse(self, app: App, owner: str, refused: Unusable, now_ms: int) -> None:
        """Counts it, and keeps it for the page that its holder looks at."""
        self.answered[str(refused.code)] += 1
        self.heard.word(owner, app.name, now_ms, _complaint(refused))

    async def _publish(self, fixes: Fixes) -> Fixes | Unusable:
        push = fixes.push
        if self._cloak.is_cloaked(push.device_id, push.fixes):
            return CLOAKED
        try:
            await self.publisher.publish(push)
        except BrokerUnavailableError as error:
            self._note_broker(answers=False, why=str(error))
            return BROKER_AWAY
        self._note_broker(answers=True)
        made_up = fixes.complaint is None and any(fix.mock for fix in push.fixes)
        return replace(fixes, complaint=MOCK) if made_up else fixes

    def _remember(self, app: App, fixes: Fixes, now_ms: int) -> None:
        complaint = None if fixes.complaint is None else _complaint(fixes.complaint)
        self.answered[OK if complaint is None else complaint.code] += 1
        self.heard.fixes(fixes.push, app.name, now_ms, complaint)
        self.kept[app.name] += len(fixes.push.fixes)
        self.skipped[app.name] += fixes.skipped
        noted = self._sequences.note(fixes.push)
        self.repeated[app.name] += noted.repeated
        self.missing[app.name] += noted.missing

    def _note_broker(self, *, answers: bool, why: str = "") -> None:
        """Says so once when it changes, not for every phone."""
        if answers != self._broker_answers:
            self._broker_answers = answers
            log.warning("the broker answers again" if answers else f"pushes are not confirmed ({why}): phones get 503")


def _complaint(refused: Unusable) -> DeviceProblem:
    return DeviceProblem(str(refused.code), refused.text)
