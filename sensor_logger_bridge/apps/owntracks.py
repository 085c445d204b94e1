"""OwnTracks over HTTP (owntracks.org/booklet: tech/http, tech/json): one message a request; `_type` is its kind.

`tst` is in seconds, `vel` in km/h. For an unknown value Android sends 0 or no field, iOS a negative number. `tid` and
the last part of `topic` are labels for friends and no ids: the token identifies the device. Messages have no numbers.
The app repeats a message until it gets 2xx (Android up to 10,000 times) and sends no other message before it.
"""

from base64 import b64encode
from typing import Annotated, Final
from urllib.parse import quote

import msgspec

from schemas.codes.reject import Reject
from schemas.json.strict_json import decode_as
from schemas.json.timestamps import parse_epoch_us
from schemas.push import Fix
from sensor_logger_bridge.apps.app import JSON, App, Request, Response
from sensor_logger_bridge.apps.message_schemas import (
    EPOCH_S,
    LATITUDE,
    LONGITUDE,
    MessageSchemas,
    Schema,
    readings,
    ref,
)
from sensor_logger_bridge.apps.readings import KMH_MPS, optional, optional_positive, speed_mps
from sensor_logger_bridge.apps.setup import AppSetup, PhoneSetup, SetupValue
from sensor_logger_bridge.apps.stored_batch import ALREADY_RECEIVED, StoredMessage, combine
from sensor_logger_bridge.translation import SHOWN_ON_PHONE, Translation, Unusable, malformed

NAME: Final = "owntracks"
TITLE: Final = "OwnTracks"
ENCRYPTED: Final = Unusable(
    SHOWN_ON_PHONE,
    "encrypted",
    "OwnTracks encrypts its messages with a key that the bank does not have. Remove the encryption key in OwnTracks.",
)


class _Any(msgspec.Struct):
    kind: str = msgspec.field(name="_type")


class _Location(msgspec.Struct):
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    tst: int | float
    acc: float | None = None
    alt: float | None = None
    vac: float | None = None
    vel: float | None = None
    cog: float | None = None


_decode_kind = msgspec.json.Decoder(_Any).decode
_decode = msgspec.json.Decoder(_Location).decode


def translate(request: Request, owner: str, received_at_ms: int) -> Translation:
    """Translate a request as `App.translate` requires. An empty body means that a friend was deleted."""
    if not request.body:
        return ALREADY_RECEIVED
    message = decode_as(_decode_kind, request.body)
    if isinstance(message, Reject):
        return malformed(TITLE, message)
    if message.kind == "encrypted":
        return ENCRYPTED
    if message.kind != "location":
        return ALREADY_RECEIVED
    return combine(StoredMessage(owner, NAME, TITLE, received_at_ms), [_fix(request.body)])


def _fix(body: bytes) -> Fix | Reject:
    location = decode_as(_decode, body)
    if isinstance(location, Reject):
        return location
    at_us = parse_epoch_us(location.tst)
    if isinstance(at_us, Reject):
        return Reject(at_us.code, ("tst",))
    return Fix(
        at_ms=at_us // 1000,
        latitude=location.lat,
        longitude=location.lon,
        altitude_m=location.alt,
        speed_mps=speed_mps(location.vel, KMH_MPS),
        bearing_deg=optional(location.cog),
        horizontal_accuracy_m=optional_positive(location.acc),
        vertical_accuracy_m=optional_positive(location.vac),
    )


def setup(phone: PhoneSetup) -> AppSetup:
    """Return an `owntracks:///config?inline=` link with a configuration in base64.

    Source: owntracks.org/booklet/features/remoteconfig.
    """
    url = f"{phone.base_url}/{NAME}"
    config = {
        "_type": "configuration",
        "mode": 3,  # HTTP
        "url": url,
        "auth": True,
        "username": phone.device_id,
        "password": phone.token,
        "deviceId": phone.device_id,
        "tid": phone.device_id[-2:],
        "monitoring": 2,  # move mode; in the default mode the app sends once in 15 minutes
        "locatorInterval": 10,
        "moveModeLocatorInterval": 10,
        "extendedData": True,  # altitude and speed
    }
    inline = quote(b64encode(msgspec.json.encode(config)), safe="")  # a query reader would turn a plus into a space
    return AppSetup(
        systems="iPhone, Android",
        where="Settings (iPhone) or Preferences, Connection (Android), mode HTTP",
        values=(SetupValue("URL", url), SetupValue("User ID", phone.device_id), SetupValue("Password", phone.token)),
        link=f"owntracks:///config?inline={inline}",
        note="This switches the app to HTTP and to its move mode, which sends often and uses more battery.",
    )


def _schema() -> Schema:
    """Describe a message. The bridge accepts messages of any other `_type` and ignores them."""
    location = {"lat": LATITUDE, "lon": LONGITUDE, "tst": EPOCH_S, **readings(("acc", "alt", "vac", "vel", "cog"))}
    return {
        "type": "object",
        "required": ["_type"],
        "properties": {"_type": {"type": "string"}},
        "if": {"properties": {"_type": {"const": "location"}}, "required": ["_type"]},
        "then": {"required": ["lat", "lon", "tst"], "properties": location},
        "description": "`tst` in epoch seconds, `vel` in km/h, the rest in metres and degrees.",
    }


APP: Final = App(
    name=NAME,
    title=TITLE,
    translate=translate,
    openapi=MessageSchemas({JSON: ref("OwnTracks")}, named={"OwnTracks": _schema()}),
    setup=setup,
    success_response=Response(200, "[]", JSON),
)
