"""GPSLogger for Android, "Log to custom URL" (gpslogger.app): one fix a request, in a URL template of ours.

The app fills in the template. Speeds are m/s, times epoch seconds; 0.0 stands for an unknown value. A request has no
message number, no mock flag and no device id: the token identifies the device. The app tries a request three times,
and sometimes repeats requests that were answered. The bridge ignores `prov` and the phone's own id.
"""

from typing import Final

from schemas.codes.reject import Reject, RejectCode
from schemas.json.timestamps import parse_epoch_us
from schemas.push import Fix
from sensor_logger_bridge.apps.app import FORM, App, Request, Response
from sensor_logger_bridge.apps.message_schemas import EPOCH_S, LATITUDE, LONGITUDE, NUMBER, MessageSchemas, form, ref
from sensor_logger_bridge.apps.parameters import check_place, numbers_of, parameters_of
from sensor_logger_bridge.apps.readings import optional_positive
from sensor_logger_bridge.apps.setup import AppSetup, PhoneSetup, SetupValue
from sensor_logger_bridge.apps.stored_batch import StoredMessage, combine
from sensor_logger_bridge.translation import Translation, malformed

NAME: Final = "gpslogger"
TITLE: Final = "GPSLogger"
TEMPLATE: Final = "lat=%LAT&lon=%LON&acc=%ACC&alt=%ALT&spd=%SPD&dir=%DIR&timestamp=%TIMESTAMP"
"""Query of the URL that a person enters in the app."""

QUERY: Final = {
    "lat": LATITUDE,
    "lon": LONGITUDE,
    "acc": NUMBER,
    "alt": NUMBER,
    "spd": {"type": "number", "description": "m/s"},
    "dir": NUMBER,
    "timestamp": EPOCH_S,
}
UNTYPED: Final = "application/octet-stream"
"""Media type of a body without one. The app sends none, and the bridge does not need it."""


def translate(request: Request, owner: str, received_at_ms: int) -> Translation:
    """Translate a request as `App.translate` requires."""
    texts = parameters_of(request, QUERY)
    if isinstance(texts, Reject):
        return malformed(TITLE, texts)
    numbers = numbers_of(texts, QUERY)
    fix = numbers if isinstance(numbers, Reject) else check_place(numbers) or _fix(numbers)
    return combine(StoredMessage(owner, NAME, TITLE, received_at_ms), [fix])


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


def setup(phone: PhoneSetup) -> AppSetup:
    """Return a custom URL with the app's placeholders.

    There is no link: the app's only link loads a file, and the file's address would have to be secret.
    """
    return AppSetup(
        systems="Android",
        where="Logging details, Log to custom URL",
        values=(
            SetupValue("URL", f"{phone.base_url}/{NAME}?{TEMPLATE}"),
            SetupValue("HTTP method", "POST"),
            SetupValue("HTTP headers", f"Authorization: Bearer {phone.token}"),
        ),
        note="Then set the logging interval to one second and start logging.",
    )


APP: Final = App(
    name=NAME,
    title=TITLE,
    translate=translate,
    openapi=MessageSchemas({FORM: ref("GpsLoggerForm")}, QUERY, {"GpsLoggerForm": form(QUERY)}),
    setup=setup,
    success_response=Response(200, "OK"),
    methods=("GET", "POST"),
    media_types=(FORM, UNTYPED),
)
