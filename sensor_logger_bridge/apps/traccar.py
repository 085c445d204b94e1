"""Traccar Client (traccar.org/osmand): JSON since version 9, before that a query or a form ("OsmAnd"), a fix a request.

In the query speeds are **knots**, times epoch seconds, epoch milliseconds from 2**31 on, or ISO 8601, and 0 is what the
phone does not know; in JSON they are m/s and ISO 8601, and what is negative is not known. `mock` true: made up.
The device's identifier can be set in the app: another one than the token's is refused. Messages have no numbers. What
is not answered with 2xx is sent again. OsmAnd, the app that had this query first, sends m/s: it is not meant here.
"""

import re
from typing import Annotated, Final

import msgspec

from schemas.codes.reject import Reject, RejectCode
from schemas.json.strict_json import decode_as
from schemas.json.timestamps import parse_epoch_us
from schemas.push import Fix
from sensor_logger_bridge.apps.app import FORM, JSON, App, Request, Response
from sensor_logger_bridge.apps.parameters import check_place, numbers_of, parameters_of
from sensor_logger_bridge.apps.readings import KNOT_MPS, optional, optional_positive, speed_mps
from sensor_logger_bridge.apps.stored_batch import ALREADY_RECEIVED, StoredMessage, combine
from sensor_logger_bridge.translation import FOREIGN_DEVICE, Translation, malformed

SOURCE: Final = "traccar"
TITLE: Final = "Traccar Client"
NUMBERS: Final = ("lat", "lon", "speed", "bearing", "heading", "altitude", "accuracy")
NAMES: Final = (*NUMBERS, "id", "deviceid", "timestamp", "valid", "mock")
MILLISECONDS_FROM: Final = 2**31 - 1
DIGITS_MAX: Final = 30
UNKNOWN_DEVICE_STATUS: Final = 400
"""What Traccar's own server answers to a device that it does not know."""

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


def translate(sent: Request, owner: str, received_at_ms: int) -> Translation:
    """As `App.translate`."""
    message = StoredMessage(owner, SOURCE, TITLE, received_at_ms)
    return _from_json(sent, message) if sent.body and sent.media_type == JSON else _from_query(sent, message)


APP: Final = App(
    SOURCE,
    TITLE,
    translate,
    success_response=Response(200, "OK"),
    unknown_token_status=UNKNOWN_DEVICE_STATUS,
    methods=("GET", "POST"),
    media_types=(JSON, FORM),
)


def _from_json(sent: Request, message: StoredMessage) -> Translation:
    read = decode_as(_decode, sent.body)
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


def _from_query(sent: Request, message: StoredMessage) -> Translation:
    texts = parameters_of(sent, NAMES)
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
