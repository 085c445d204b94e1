"""Traccar Client (traccar.org/osmand): one fix a request, as JSON since version 9, before that a query or a form.

In a query or form ("OsmAnd") speeds are **knots**. Times are epoch seconds, epoch milliseconds from 2**31 on, or ISO
8601. 0 means unknown. In JSON speeds are m/s, times ISO 8601, and a negative number means unknown. `mock` true: a fake
position. A person can set the device identifier in the app; the bridge rejects another device's than the token's.
Messages have no numbers. The app repeats a message until it gets 2xx. OsmAnd, the app that introduced this query, sends
m/s; the bridge does not support it.
"""

import re
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

import msgspec

from schemas.codes.reject import Reject, RejectCode
from schemas.json.strict_json import decode_as
from schemas.json.timestamps import parse_epoch_us
from schemas.push import Fix
from sensor_logger_bridge.apps.app import FORM, JSON, App, Request, Response
from sensor_logger_bridge.apps.message_schemas import (
    EPOCH_S,
    ISO_TIME,
    LATITUDE,
    LONGITUDE,
    NUMBER,
    OPTIONAL_BOOLEAN,
    OPTIONAL_TEXT,
    TEXT,
    MessageSchemas,
    Schema,
    form,
    readings,
    ref,
)
from sensor_logger_bridge.apps.parameters import check_place, numbers_of, parameters_of
from sensor_logger_bridge.apps.readings import KNOT_MPS, optional, optional_positive, speed_mps
from sensor_logger_bridge.apps.setup import REPORT_INTERVAL_S, AppSetup, PhoneSetup, SetupValue
from sensor_logger_bridge.apps.stored_batch import ALREADY_RECEIVED, StoredMessage, combine
from sensor_logger_bridge.translation import FOREIGN_DEVICE, Translation, malformed

NAME: Final = "traccar"
TITLE: Final = "Traccar Client"
NUMBERS: Final = {
    "lat": LATITUDE,
    "lon": LONGITUDE,
    "speed": {"type": "number", "description": "knots"},
    "bearing": NUMBER,
    "heading": NUMBER,
    "altitude": NUMBER,
    "accuracy": NUMBER,
}
QUERY: Final = {
    **NUMBERS,
    "id": TEXT,
    "deviceid": TEXT,
    "timestamp": EPOCH_S,
    "valid": {"enum": ["true", "false", "1", "0"]},
    "mock": {"enum": ["true", "false"]},
}
MILLISECONDS_FROM: Final = 2**31 - 1
"""Smallest number that is read as epoch milliseconds."""

DIGITS_MAX: Final = 30
"""Limit of a whole number's digits, far above any time. Above 4,300 digits Python's `int` raises ValueError."""

UNKNOWN_DEVICE_STATUS: Final = 400
"""Status that Traccar's own server returns for an unknown device."""

_is_whole: Final = re.compile(r"-?\d+", re.ASCII).fullmatch


class _Coords(msgspec.Struct):
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    accuracy: float | None = None
    speed: float | None = None
    speed_accuracy: float | None = None
    heading: float | None = None
    heading_accuracy: float | None = None
    altitude: float | None = None
    altitude_accuracy: float | None = None


class _Location(msgspec.Struct):
    timestamp: str
    coords: _Coords
    mock: bool | None = None


class _Message(msgspec.Struct):
    location: _Location
    device_id: str | None = None


_decode = msgspec.json.Decoder(_Message).decode


def translate(request: Request, owner: str, received_at_ms: int) -> Translation:
    """Translate a request as `App.translate` requires."""
    message = StoredMessage(owner, NAME, TITLE, received_at_ms)
    is_json = request.body and request.media_type == JSON
    return _from_json(request, message) if is_json else _from_query(request, message)


def _from_json(request: Request, message: StoredMessage) -> Translation:
    read = decode_as(_decode, request.body)
    if isinstance(read, Reject):
        return malformed(TITLE, read)
    if read.device_id not in (None, "", message.owner):
        return FOREIGN_DEVICE
    return combine(message, [_fix(read.location)])


def _fix(location: _Location) -> Fix | Reject:
    at_us = parse_epoch_us(location.timestamp)
    if isinstance(at_us, Reject):
        return Reject(at_us.code, ("timestamp",))
    coords = location.coords
    return Fix(
        at_ms=at_us // 1000,
        latitude=coords.latitude,
        longitude=coords.longitude,
        altitude_m=coords.altitude,
        speed_mps=optional(coords.speed),
        speed_accuracy_mps=optional(coords.speed_accuracy),
        bearing_deg=optional(coords.heading),
        bearing_accuracy_deg=optional(coords.heading_accuracy),
        horizontal_accuracy_m=optional_positive(coords.accuracy),
        vertical_accuracy_m=optional_positive(coords.altitude_accuracy),
        mock=location.mock,
    )


def _from_query(request: Request, message: StoredMessage) -> Translation:
    texts = parameters_of(request, QUERY)
    if isinstance(texts, Reject):
        return malformed(TITLE, texts)
    if {texts.get("id", message.owner), texts.get("deviceid", message.owner)} != {message.owner}:
        return FOREIGN_DEVICE
    if texts.get("valid", "true") not in ("true", "1"):
        return ALREADY_RECEIVED
    numbers = numbers_of(texts, NUMBERS)
    fix = numbers if isinstance(numbers, Reject) else check_place(numbers) or _fix_of(texts, numbers)
    return combine(message, [fix])


def _fix_of(texts: dict[str, str], numbers: dict[str, float]) -> Fix | Reject:
    at_us = _at_us(texts.get("timestamp", ""))
    if isinstance(at_us, Reject):
        return Reject(at_us.code, ("timestamp",))
    return Fix(
        at_ms=at_us // 1000,
        latitude=numbers["lat"],
        longitude=numbers["lon"],
        altitude_m=numbers.get("altitude") or None,
        speed_mps=speed_mps(numbers.get("speed"), KNOT_MPS),
        bearing_deg=optional_positive(numbers.get("bearing", numbers.get("heading"))),
        horizontal_accuracy_m=optional_positive(numbers.get("accuracy")),
        mock=True if texts.get("mock") == "true" else None,
    )


def _at_us(text: str) -> int | Reject:
    if not text:
        return Reject(RejectCode.MISSING)
    if not _is_whole(text):
        return parse_epoch_us(text)
    if len(text) > DIGITS_MAX:
        return Reject(RejectCode.RANGE)
    number = int(text)
    return parse_epoch_us(number if number < MILLISECONDS_FROM else number / 1000)


def setup(phone: PhoneSetup) -> AppSetup:
    """Return a link with the app's own scheme, and a plain URL for the app's scanner.

    Source: traccar-client's `configuration_service.dart`. The token is in the path, because the app cannot send a
    header.
    """
    url = f"{phone.base_url}/{NAME}/{phone.token}"
    config: dict[str, Any] = {
        "id": phone.device_id,
        "accuracy": "highest",
        "distance": 0,
        "interval": REPORT_INTERVAL_S,
        "fastest_interval": REPORT_INTERVAL_S,
        "buffer": "true",
    }
    return AppSetup(
        systems="iPhone, Android",
        where="Settings",
        values=(
            SetupValue("Device identifier", phone.device_id),
            SetupValue("Server URL", url),
            SetupValue("Location accuracy", "Highest"),
            SetupValue("Interval (s)", str(REPORT_INTERVAL_S)),
        ),
        link=f"org.traccar.client://config?{urlencode({'url': url, **config}, quote_via=quote)}",
        code=f"{url}?{urlencode(config, quote_via=quote)}",
        scan="Scan this with the scanner in the app's own settings. The phone's camera would only open the address.",
        note="The app sends every second while the phone moves, and nothing while it rests.",
    )


def _schema() -> Schema:
    names = "accuracy speed speed_accuracy heading heading_accuracy altitude altitude_accuracy"
    coords = {"latitude": LATITUDE, "longitude": LONGITUDE, **readings(names.split())}
    location = {
        "type": "object",
        "required": ["timestamp", "coords"],
        "properties": {
            "timestamp": ISO_TIME,
            "coords": {"type": "object", "required": ["latitude", "longitude"], "properties": coords},
            "mock": OPTIONAL_BOOLEAN,
        },
    }
    return {
        "type": "object",
        "required": ["location"],
        "properties": {"location": location, "device_id": OPTIONAL_TEXT},
        "description": "Speeds in m/s. A negative number means unknown.",
    }


APP: Final = App(
    name=NAME,
    title=TITLE,
    translate=translate,
    openapi=MessageSchemas(
        {JSON: ref("Traccar"), FORM: ref("TraccarForm")},
        QUERY,
        {"Traccar": _schema(), "TraccarForm": form(QUERY)},
    ),
    setup=setup,
    success_response=Response(200, "OK"),
    unknown_token_status=UNKNOWN_DEVICE_STATUS,
    methods=("GET", "POST"),
    media_types=(JSON, FORM),
)
