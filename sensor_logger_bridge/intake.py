"""Intake: what happens to every message, whichever app it is of and whichever way it came.

Owner and rate; the app's translator, the watch for rounded positions, the broker; and what is remembered of it.
"""

import logging
from collections import Counter
from dataclasses import replace
from typing import Final

from sensor_logger_bridge.apps.app import App, Sent
from sensor_logger_bridge.cloak import CloakWatch
from sensor_logger_bridge.devices import Devices
from sensor_logger_bridge.heard import Complaint, Heard
from sensor_logger_bridge.publisher import BrokerAwayError, Publisher
from sensor_logger_bridge.rate import RateLimit
from sensor_logger_bridge.sequence import Sequences
from sensor_logger_bridge.translation import SHOWN_TO_THE_PERSON, Fixes, Refused, Understood

log = logging.getLogger(__name__)

UNKNOWN_TOKEN: Final = Refused(
    SHOWN_TO_THE_PERSON,
    "unknown-token",
    "This phone's token is not known to the bank. Pair the phone again and put in the new token.",
)
TOO_OFTEN: Final = Refused(429, "too-often", "Too many messages: let the phone report less often.")
BROKER_AWAY: Final = Refused(503, "broker-away", "The bank cannot take positions now; this one was not kept.")
CLOAKED: Final = Refused(
    SHOWN_TO_THE_PERSON,
    "cloaked",
    "This phone rounds its positions. Switch that off (in Sensor Logger: Coordinates Cloaking), then record again.",
)
MOCK: Final = Refused(
    SHOWN_TO_THE_PERSON,
    "mock",
    "This phone says that its positions are made up. Switch off whatever fakes them, then record again.",
)

OK: Final = "ok"


class Intake:
    """Counts what became of messages, by code and by app; logs no ids, tokens or positions."""

    def __init__(self, devices: Devices, publisher: Publisher) -> None:
        self.publisher = publisher
        self.rate = RateLimit()
        self.heard = Heard()
        self.answered: Counter[str] = Counter()
        self.kept: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()
        self._devices = devices
        self._cloak = CloakWatch()
        self._sequences = Sequences()
        self._broker_answers = True

    def owner_of(self, token: str) -> str | None:
        """The device whose token it is."""
        return self._devices.device_of(token)

    async def take(self, app: App, owner: str, sent: Sent, now_ms: int) -> Fixes | Understood | Refused:
        """Fixes: all of them are confirmed, and remembered. `now_ms`: the epoch's."""
        translation = app.translate(sent, owner, now_ms)
        ending = await self._publish(translation) if isinstance(translation, Fixes) else translation
        if isinstance(ending, Fixes):
            self._remember(app, ending, now_ms)
        elif isinstance(ending, Understood):
            self.answered[OK] += 1
            self.heard.word(owner, app.name, now_ms)
        else:
            self.refuse(app, owner, ending, now_ms)
        return ending

    def refuse(self, app: App, owner: str, refused: Refused, now_ms: int) -> None:
        """Counts it, and keeps it for the page that its holder looks at."""
        self.answered[str(refused.code)] += 1
        self.heard.word(owner, app.name, now_ms, _complaint(refused))

    async def _publish(self, fixes: Fixes) -> Fixes | Refused:
        push = fixes.push
        if self._cloak.is_cloaked(push.device_id, push.fixes):
            return CLOAKED
        try:
            await self.publisher.publish(push)
        except BrokerAwayError as error:
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


def _complaint(refused: Refused) -> Complaint:
    return Complaint(str(refused.code), refused.text)
