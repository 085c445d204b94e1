"""Overland for iOS (github.com/aaronpk/Overland-iOS: README, GLManager.m): batches of GeoJSON features.

Coordinates are [longitude, latitude], times ISO 8601, speeds m/s; -1 is invalid. Features with an `action` or a `type`
(visits, trips, what the app did) tell of places from before under the time of now, and are skipped. `current` and
`trip` beside the features repeat one of them. Without `{"result":"ok"}` the whole batch is sent again.

`device_id` is free text that the app writes into each feature as it records it: nobody can change it afterwards. Hence
features with another device's name are left out, with a complaint, rather than asked for again; none is as good as the
owner's. Batches have no numbers.
"""

import re
from typing import Annotated, Final

import msgspec

from schemas.codes.reject import Reject, RejectCode
from schemas.json.strict_json import BYTES_MAX, decode_as, explain
from schemas.json.timestamps import parse_epoch_us
from schemas.push import FIXES_MAX, Fix
from sensor_logger_bridge.apps.app import JSON, App, Request, Response
from sensor_logger_bridge.apps.readings import optional, optional_positive
from sensor_logger_bridge.apps.stored_batch import StoredMessage, combine
from sensor_logger_bridge.translation import FOREIGN_DEVICE, SHOWN_ON_PHONE, Translation, Unusable, malformed

SOURCE: Final = "overland"
TITLE: Final = "Overland"
FOREIGN_DEVICE_ID: Final = Unusable(
    SHOWN_ON_PHONE,
    FOREIGN_DEVICE.code,
    "Overland's device id is not the one that this token is for. Leave it empty, or pair the phone again.",
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


def translate(sent: Request, owner: str, received_at_ms: int) -> Translation:
    """As `App.translate`."""
    batch = decode_as(_decode, sent.body)
    if isinstance(batch, Reject):
        too_many = batch == Reject(RejectCode.RANGE, ("locations",))
        return TOO_MANY if too_many else malformed(TITLE, batch)
    read = [_read(feature, owner) for feature in batch.locations]
    items = [item for item in read if item is not None]
    return combine(StoredMessage(owner, SOURCE, TITLE, received_at_ms, skipped=len(read) - len(items)), items)


APP: Final = App(SOURCE, TITLE, translate, success_response=Response(200, '{"result":"ok"}', JSON), bytes_max=BYTES_MAX)
"""A thousand points, as many as the app can be set to send at once, come to 600 KB."""


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
