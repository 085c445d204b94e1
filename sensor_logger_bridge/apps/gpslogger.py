"""GPSLogger for Android, "Log to custom URL" (gpslogger.app): the app fills in a template of ours, a fix a request.

Speeds are m/s, times epoch seconds. What it does not know, it prints as 0.0. It tells neither its own number nor that a
position is made up, and names no device: the token's owner counts. After three tries a request is given up; until then
it is sent again, at times together with what was answered before. `prov` and the phone's id are not looked at.
"""

from typing import Final

from schemas.codes.reject import Reject, RejectCode
from schemas.json.timestamps import parse_epoch_us
from schemas.push import Fix
from sensor_logger_bridge.apps.app import FORM, App, Request, Response
from sensor_logger_bridge.apps.parameters import check_place, numbers_of, parameters_of
from sensor_logger_bridge.apps.readings import optional_positive
from sensor_logger_bridge.apps.stored_batch import StoredMessage, combine
from sensor_logger_bridge.translation import Translation, malformed

SOURCE: Final = "gpslogger"
TITLE: Final = "GPSLogger"
TEMPLATE: Final = "lat=%LAT&lon=%LON&acc=%ACC&alt=%ALT&spd=%SPD&dir=%DIR&timestamp=%TIMESTAMP"
"""What stands behind the `?` of the address that a person enters."""

NAMES: Final = tuple(part.partition("=")[0] for part in TEMPLATE.split("&"))
UNTYPED: Final = "application/octet-stream"
"""The app gives its body no type; ours does not need one either."""


def translate(sent: Request, owner: str, received_at_ms: int) -> Translation:
    """As `App.translate`."""
    texts = parameters_of(sent, NAMES)
    if isinstance(texts, Reject):
        return malformed(TITLE, texts)
    numbers = numbers_of(texts, NAMES)
    fix = numbers if isinstance(numbers, Reject) else check_place(numbers) or _fix(numbers)
    return combine(StoredMessage(owner, SOURCE, TITLE, received_at_ms), [fix])


APP: Final = App(
    SOURCE, TITLE, translate, success_response=Response(200, "OK"), methods=("GET", "POST"), media_types=(FORM, UNTYPED)
)


def _fix(numbers: dict[str, float]) -> Fix | Reject:
    if "timestamp" not in numbers:
        return Reject(RejectCode.MISSING, ("timestamp",))
    at_us = parse_epoch_us(numbers["timestamp"])
    if isinstance(at_us, Reject):
        return Reject(at_us.code, ("timestamp",))
    return Fix(
        at_ms=at_us // 1000,
        latitude=numbers["lat"],
        longitude=numbers["lon"],
        altitude_m=numbers.get("alt") or None,
        speed_mps=optional_positive(numbers.get("spd")),
        bearing_deg=optional_positive(numbers.get("dir")),
        horizontal_accuracy_m=optional_positive(numbers.get("acc")),
    )
