"""One drive as each phone app tells it: the golden bodies, with the names that the apps' own documentation has."""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from schemas.push import Fix
from sensor_logger_bridge.apps.app import FORM, App, Request
from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.translation import Fixes, Translation
from tests.support.make import NOON_MS

FOLDER = Path(__file__).parent.parent / "golden" / "phones"
APP = {app.name: app for app in APPS}
BACKLOG = [app for app in APPS if app.name != "sensor-logger"]
"""Those that keep what the bridge did not take, and send it later."""

OWNER = "phone-1"
RECEIVED_MS = NOON_MS + 20_000

DRIVE = (
    Fix(NOON_MS, 48.8583701, 2.2944813, 35.0, 10.0, bearing_deg=181.0, horizontal_accuracy_m=5.0),
    Fix(NOON_MS + 4000, 48.8580097, 2.2944731, 36.0, 15.0, bearing_deg=185.0, horizontal_accuracy_m=4.0),
    Fix(NOON_MS + 9000, 48.8573352, 2.2943856, 37.0, 20.0, bearing_deg=190.0, horizontal_accuracy_m=6.0),
    Fix(NOON_MS + 15_000, 48.8562548, 2.2942207, 39.0, 25.0, bearing_deg=191.0, horizontal_accuracy_m=12.0),
)
"""Paris, Avenue Gustave Eiffel: 36, 54, 72 and 90 km/h."""


@dataclass(frozen=True)
class Told:
    """The drive in the words of one app, a message a request."""

    name: str
    app: App
    requests: tuple[tuple[str, Request], ...]
    speed_field: str

    def translations(self) -> list[Translation]:
        return [self.app.translate(sent, OWNER, RECEIVED_MS) for _, sent in self.requests]

    def with_speeds(self, factor: float) -> "Told":
        """The same with all speeds in another unit."""
        number = re.compile(rf'(?P<name>\b{self.speed_field}("?: ?|=))(?P<number>[\d.]+)')

        def scaled(text: str) -> str:
            return number.sub(lambda found: f"{found['name']}{float(found['number']) * factor}", text)

        requests = tuple(
            (method, replace(sent, body=scaled(sent.body.decode()).encode(), query=scaled(sent.query)))
            for method, sent in self.requests
        )
        return replace(self, requests=requests)


def by_name(one: Told | App) -> str:
    """As a test calls it in its own name."""
    return one.name


def told(path: Path) -> Told:
    golden = json.loads(path.read_text(encoding="utf-8"))
    requests = tuple((one.get("method", "POST"), _sent(one)) for one in golden["requests"])
    return Told(path.stem, APP[golden["app"]], requests, golden["speed_field"])


def _sent(request: dict[str, Any]) -> Request:
    if "form" in request:
        return Request(request["form"].encode(), media_type=FORM)
    if "query" in request:
        return Request(b"", request["query"], media_type="")
    return Request(json.dumps(request["body"]).encode())


TOLD = [told(path) for path in sorted(FOLDER.glob("*.json"))]


def compared(fix: Fix) -> Fix:
    """Without what not every app tells."""
    return Fix(
        fix.at_ms,
        fix.latitude,
        fix.longitude,
        fix.altitude_m,
        fix.speed_mps,
        bearing_deg=fix.bearing_deg,
        horizontal_accuracy_m=fix.horizontal_accuracy_m,
    )


def translated(app: str, sent: Request, received_ms: int = RECEIVED_MS) -> Translation:
    """What the bridge makes of a request of that app."""
    return APP[app].translate(sent, OWNER, received_ms)


def fix(app: str, sent: Request) -> Fix:
    """The only fix of a request of that app."""
    translation = translated(app, sent)
    assert isinstance(translation, Fixes), translation
    (only,) = translation.push.fixes
    return only
