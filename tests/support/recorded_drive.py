"""One recorded drive as messages of each phone app: golden files with the field names of the apps' documentation."""

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
STORE_AND_FORWARD = [app for app in APPS if app.name != "sensor-logger"]
"""Store-and-forward apps."""

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
class Recording:
    """The drive as requests of one app, one message each."""

    name: str
    app: App
    requests: tuple[tuple[str, Request], ...]
    speed_field: str

    def translations(self) -> list[Translation]:
        return [self.app.translate(sent, OWNER, RECEIVED_MS) for _, sent in self.requests]

    def with_speeds(self, factor: float) -> "Recording":
        """Return the drive with all speeds multiplied by `factor`."""
        number = re.compile(rf'(?P<name>\b{self.speed_field}("?: ?|=))(?P<number>[\d.]+)')

        def scaled(text: str) -> str:
            return number.sub(lambda found: f"{found['name']}{float(found['number']) * factor}", text)

        requests = tuple(
            (method, replace(sent, body=scaled(sent.body.decode()).encode(), query=scaled(sent.query)))
            for method, sent in self.requests
        )
        return replace(self, requests=requests)


def by_name(one: Recording | App) -> str:
    """Return the name for a test's id."""
    return one.name


def recording(path: Path) -> Recording:
    golden = json.loads(path.read_text(encoding="utf-8"))
    requests = tuple((one.get("method", "POST"), _sent(one)) for one in golden["requests"])
    return Recording(path.stem, APP[golden["app"]], requests, golden["speed_field"])


def _sent(request: dict[str, Any]) -> Request:
    if "form" in request:
        return Request(request["form"].encode(), media_type=FORM)
    if "query" in request:
        return Request(b"", request["query"], media_type="")
    return Request(json.dumps(request["body"]).encode())


RECORDINGS = [recording(path) for path in sorted(FOLDER.glob("*.json"))]


def compared(fix: Fix) -> Fix:
    """Return the fix without readings that some apps do not send."""
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
    """Return the bridge's translation of a request of the app."""
    return APP[app].translate(sent, OWNER, received_ms)


def fix(app: str, sent: Request) -> Fix:
    """Return the only fix in a request of the app."""
    translation = translated(app, sent)
    assert isinstance(translation, Fixes), translation
    (only,) = translation.push.fixes
    return only
