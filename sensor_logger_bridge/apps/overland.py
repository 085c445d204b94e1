"""Overland for iOS (github.com/aaronpk/Overland-iOS: README, GLManager.m): batches of GeoJSON features.

Coordinates are [longitude, latitude], times ISO 8601, speeds m/s; -1 is invalid. The translator skips features with an
`action` or a `type` (visits, trips, actions of the app): they repeat an earlier place under the current time. `current`
and `trip` beside the features repeat one of them. Without `{"result":"ok"}` the app sends the whole batch again.

The app writes `device_id`, a free text, into each feature when it records the feature. The text cannot be changed
afterwards. So the bridge drops features with another device's id and reports a problem, and does not ask for them
again. A feature without an id counts as the owner's. Batches have no numbers.
"""

import re
from typing import Annotated, Final
from urllib.parse import quote, urlencode

import msgspec

from schemas.codes.reject import Reject, RejectCode
from schemas.json.strict_json import BYTES_MAX, decode_as, explain
from schemas.json.timestamps import parse_epoch_us
from schemas.push import FIXES_MAX, Fix
from sensor_logger_bridge.apps.app import JSON, App, Request, Response
from sensor_logger_bridge.apps.message_schemas import (
    ISO_TIME,
    LATITUDE,
    LONGITUDE,
    OPTIONAL_TEXT,
    MessageSchemas,
    Schema,
    readings,
    ref,
)
from sensor_logger_bridge.apps.readings import optional, optional_positive
from sensor_logger_bridge.apps.setup import AppSetup, PhoneSetup, SetupValue
from sensor_logger_bridge.apps.stored_batch import StoredMessage, combine
from sensor_logger_bridge.translation import FOREIGN_DEVICE, SHOWN_ON_PHONE, Translation, Unusable, malformed

NAME: Final = "overland"
TITLE: Final = "Overland"
FOREIGN_DEVICE_ID: Final = Unusable(
    SHOWN_ON_PHONE,
    FOREIGN_DEVICE.code,
    "This token is for another device id than the one set in Overland. Leave that empty, or pair the phone again.",
)
TOO_MANY: Final = Unusable(413, RejectCode.RANGE, f"More than {FIXES_MAX} points: set fewer points per batch.")

_OFFSET_WITHOUT_COLON: Final = re.compile(r"([+-]\d\d)(\d\d)$", re.ASCII)


class _Geometry(msgspec.Struct):
    coordinates: Annotated[list[float], msgspec.Meta(min_length=2, max_length=3)]


class _Properties(msgspec.Struct):
    timestamp: str
    altitude: float | None = None
    speed: float | None = None
    speed_accuracy: float | None = None
    course: float | None = None
    course_accuracy: float | None = None
    horizontal_accuracy: float | None = None
    vertical_accuracy: float | None = None
    device_id: str | None = None
    action: msgspec.Raw = msgspec.Raw()
    type: msgspec.Raw = msgspec.Raw()


class _Feature(msgspec.Struct):
    properties: _Properties
    geometry: _Geometry | None = None


class _Batch(msgspec.Struct):
    locations: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=FIXES_MAX)]


_decode = msgspec.json.Decoder(_Batch).decode
_decode_feature = msgspec.json.Decoder(_Feature).decode


def translate(request: Request, owner: str, received_at_ms: int) -> Translation:
    """Translate a request as `App.translate` requires."""
    batch = decode_as(_decode, request.body)
    if isinstance(batch, Reject):
        too_many = batch == Reject(RejectCode.RANGE, ("locations",))
        return TOO_MANY if too_many else malformed(TITLE, batch)
    read = [_read(feature, owner) for feature in batch.locations]
    items = [item for item in read if item is not None]
    return combine(StoredMessage(owner, NAME, TITLE, received_at_ms, skipped=len(read) - len(items)), items)


def _read(raw: msgspec.Raw, owner: str) -> Fix | Reject | Unusable | None:
    try:
        feature = _decode_feature(raw)
    except (msgspec.MsgspecError, RecursionError) as error:
        return explain(error, bytes(raw))
    if feature.properties.action or feature.properties.type:
        return None
    if feature.properties.device_id not in (None, "", owner):
        return FOREIGN_DEVICE_ID
    if feature.geometry is None:
        return Reject(RejectCode.MISSING, ("geometry",))
    return _fix(feature.geometry, feature.properties)


def _fix(geometry: _Geometry, properties: _Properties) -> Fix | Reject:
    longitude, latitude = geometry.coordinates[:2]
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        return Reject(RejectCode.RANGE, ("coordinates",))
    at_us = parse_epoch_us(_OFFSET_WITHOUT_COLON.sub(r"\1:\2", properties.timestamp))
    if isinstance(at_us, Reject):
        return Reject(at_us.code, ("timestamp",))
    return Fix(
        at_ms=at_us // 1000,
        latitude=latitude,
        longitude=longitude,
        altitude_m=properties.altitude,
        speed_mps=optional(properties.speed),
        speed_accuracy_mps=optional(properties.speed_accuracy),
        bearing_deg=optional(properties.course),
        bearing_accuracy_deg=optional(properties.course_accuracy),
        horizontal_accuracy_m=optional_positive(properties.horizontal_accuracy),
        vertical_accuracy_m=optional_positive(properties.vertical_accuracy),
    )


def setup(phone: PhoneSetup) -> AppSetup:
    """Return an `overland://setup` link (the app's README, Configuration by Custom URL) and the same values."""
    url = f"{phone.base_url}/{NAME}"
    query = urlencode({"url": url, "token": phone.token, "device_id": phone.device_id}, quote_via=quote)
    return AppSetup(
        systems="iPhone",
        where="Settings, Receiver Endpoint",
        values=(
            SetupValue("Endpoint", url),
            SetupValue("Access token", phone.token),
            SetupValue("Device ID", phone.device_id),
        ),
        link=f"overland://setup?{query}",
        note="Then switch tracking on, and set the send interval to one second.",
    )


def _schema() -> Schema:
    names = "altitude speed speed_accuracy course course_accuracy horizontal_accuracy vertical_accuracy"
    properties = {"timestamp": ISO_TIME, **readings(names.split()), "device_id": OPTIONAL_TEXT}
    coordinates = {"type": "array", "prefixItems": [LONGITUDE, LATITUDE], "minItems": 2, "maxItems": 3}
    feature = {
        "type": "object",
        "required": ["geometry", "properties"],
        "properties": {
            "geometry": {"type": "object", "required": ["coordinates"], "properties": {"coordinates": coordinates}},
            "properties": {"type": "object", "required": ["timestamp"], "properties": properties},
        },
    }
    return {
        "type": "object",
        "required": ["locations"],
        "properties": {"locations": {"type": "array", "maxItems": FIXES_MAX, "items": feature}},
        "description": "GeoJSON: longitude first. Speeds in m/s. -1 means unknown.",
    }


APP: Final = App(
    name=NAME,
    title=TITLE,
    translate=translate,
    openapi=MessageSchemas({JSON: ref("Overland")}, named={"Overland": _schema()}),
    setup=setup,
    success_response=Response(200, '{"result":"ok"}', JSON),
    bytes_max=BYTES_MAX,
)
"""`bytes_max`: the app's largest batch, a thousand points, has about 600 KB."""
