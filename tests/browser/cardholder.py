"""A simulated cardholder with a phone. The methods write records with the current time to the topics."""

import itertools
import time
import uuid
from dataclasses import dataclass, field
from math import sin
from typing import Any

from app.settings import Settings
from tests.support.make import HOME, as_bytes, fix, payment, push
from tests.support.phone import M_PER_DEG, east_of_home
from tests.support.service import send

DRIVE_MPS = 14.0
_cents = itertools.count(100)


@dataclass
class Paid:
    """A payment as it was sent. Its amount is unique, so that a test finds it on the page."""

    transaction_id: str
    amount: str

    @property
    def shown(self) -> str:
        return f"{float(self.amount):,.2f} USD"


@dataclass
class Cardholder:
    """A cardholder at home until `drives` is called."""

    settings: Settings
    name: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    sent: int = 0
    driven_m: float = 0.0

    async def is_at_home(self, ago_s: float = 0.0) -> None:
        """Send a position fix at home."""
        await self._push(self._fix(ago_s))

    async def drives(self, minutes: float, every_s: float = 5.0, ago_s: float = 0.0) -> int:
        """Send a winding drive that continues the last one and ended `ago_s` ago. Return the number of fixes."""
        seconds = [every_s * number for number in range(int(60 * minutes / every_s))]
        fixes = []
        phase_s = self.driven_m / DRIVE_MPS
        for second in seconds:
            speed_mps = DRIVE_MPS + 6.0 * sin((phase_s + second) / 60)
            fixes.append(
                self._fix(
                    ago_s + seconds[-1] - second,
                    latitude=HOME[0] + (self.driven_m + DRIVE_MPS * second) / M_PER_DEG,
                    longitude=HOME[1] + sin((phase_s + second) / 90) / 50,
                    speed_mps=round(speed_mps, 2),
                    altitude_m=round(200 + 90 * sin((phase_s + second) / 120), 1),
                )
            )
        self.driven_m += DRIVE_MPS * 60 * minutes
        await self._push(*fixes)
        return len(fixes)

    async def pays(self, away_m: float = 900_000, ago_s: float = 0.0, **changes: Any) -> Paid:
        """Make a card payment `away_m` metres east of home."""
        paid = Paid(f"tx-{uuid.uuid4().hex[:12]}", changes.pop("amount", f"1{next(_cents)}.07"))
        latitude, longitude = east_of_home(away_m)
        record = payment(
            paid.transaction_id,
            transaction_id=paid.transaction_id,
            device_id=self.device,
            user_id=f"u-{self.name}",
            timestamp=time.time() - ago_s,
            amount=paid.amount,
            latitude=latitude,
            longitude=longitude,
            **changes,
        )
        await send(self.settings, self.settings.topics.transactions, (self.device, as_bytes(record)))
        return paid

    @property
    def device(self) -> str:
        return f"phone-{self.name}"

    def _fix(self, ago_s: float, **changes: Any) -> dict[str, Any]:
        return fix(**{"at_ms": round(1000 * (time.time() - ago_s))} | changes)

    async def _push(self, *fixes: dict[str, Any]) -> None:
        self.sent += 1
        record = push(*fixes, device_id=self.device, session_id=self.name, message_id=self.sent)
        await send(self.settings, self.settings.topics.locations, (self.device, as_bytes(record)))
