"""OwnTracks over HTTP (owntracks.org/booklet: tech/http, tech/json): one message a request, `_type` says of what kind.

`tst` is in seconds, `vel` in km/h; Android leaves out, or sends as 0, what it does not know, iOS what is negative. The
last part of `topic` and `tid` are for friends to see and no ids: the token's owner counts. Messages have no numbers.
Whatever is not answered with 2xx is sent again, on Android 10,000 times, and nothing else before it.
"""

from typing import Annotated, Final

import msgspec

from schemas.codes.reject import Reject
from schemas.json.strict_json import decode_as
from schemas.json.timestamps import parse_epoch_us
from schemas.push import Fix
from sensor_logger_bridge.apps.app import JSON, App, Request, Response
from sensor_logger_bridge.apps.readings import KMH_MPS, optional, optional_positive, speed_mps
from sensor_logger_bridge.apps.stored_batch import ALREADY_RECEIVED, StoredMessage, combine
from sensor_logger_bridge.translation import SHOWN_ON_PHONE, Translation, Unusable, malformed

SOURCE: Final = "owntracks"
TITLE: Final = "OwnTracks"
ENCRYPTED: Final = Unusable(
    SHOWN_ON_PHONE,
    "encrypted",
    "OwnTracks encrypts its messages with a key that the bank does not have. Take the encryption key out.",
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


def translate(sent: Request, owner: str, received_at_ms: int) -> Translation:
    """As `App.translate`. An empty body tells that a friend was deleted."""
    if not sent.body:
        return ALREADY_RECEIVED
    message = decode_as(_decode_kind, sent.body)
    if isinstance(message, Reject):
        return malformed(TITLE, message)
    if message.kind == "encrypted":
        return ENCRYPTED
    if message.kind != "location":
        return ALREADY_RECEIVED
    return combine(StoredMessage(owner, SOURCE, TITLE, received_at_ms), [_fix(sent.body)])


APP: Final = App(SOURCE, TITLE, translate, success_response=Response(200, "[]", JSON))


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
