"""Sensor Logger (github.com/tszheichoi/awesome-sensor-logger: PUSHING.md, UNITS.md; app 1.63), HTTP and MQTT alike.

Times are epoch nanoseconds, speeds m/s, negative values invalid. Only `location` items are read; `watchLocation` means
another altitude and is left alone, as are all other sensors.
"""

from typing import Annotated, Any, Final

import msgspec

from schemas.codes.reject import Reject, RejectCode
from schemas.json.identifier import check_device_id, check_session_id
from schemas.json.strict_json import check_bytes, check_structure, explain
from schemas.json.timestamps import FIRST_US, LAST_US
from schemas.push import FIXES_MAX, Fix, Push
from sensor_logger_bridge.apps.app import App, Request
from sensor_logger_bridge.apps.clock_skew import AHEAD_MAX_MS, clock_is_wrong
from sensor_logger_bridge.apps.readings import optional
from sensor_logger_bridge.translation import (
    FOREIGN_DEVICE,
    SHOWN_ON_PHONE,
    Fixes,
    NoPosition,
    Translation,
    Unusable,
    malformed,
)

SOURCE: Final = "sensor-logger"
TITLE: Final = "Sensor Logger"
ITEMS_MAX: Final = FIXES_MAX
BEHIND_MAX_MS: Final = 3_600_000
"""A first fix may be some minutes old (cached by the phone); an hour is a wrong clock."""

_FIRST_NS, _LAST_NS = FIRST_US * 1000, LAST_US * 1000


class _Item(msgspec.Struct):
    name: str = ""
    time: msgspec.Raw = msgspec.Raw()
    values: msgspec.Raw = msgspec.Raw()


class _Message(msgspec.Struct):
    deviceId: str  # noqa: N815 - the app's own name
    payload: Annotated[list[_Item], msgspec.Meta(max_length=ITEMS_MAX)]
    messageId: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None  # noqa: N815 - the app's own name
    sessionId: Annotated[str, msgspec.Meta(max_length=128)] | None = None  # noqa: N815 - the app's own name


class _Values(msgspec.Struct):
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    altitude: float | None = None
    speed: float | None = None
    speedAccuracy: float | None = None  # noqa: N815 - the app's own name
    bearing: float | None = None
    bearingAccuracy: float | None = None  # noqa: N815 - the app's own name
    horizontalAccuracy: float | None = None  # noqa: N815 - the app's own name
    verticalAccuracy: float | None = None  # noqa: N815 - the app's own name
    isMock: bool | None = None  # noqa: N815 - as Android names it


_decode = msgspec.json.Decoder(_Message).decode
_decode_values = msgspec.json.Decoder(_Values).decode
_decode_time = msgspec.json.Decoder(int | float).decode
_FAILURES: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def translate(sent: Request, owner: str, received_at_ms: int) -> Translation:
    """As `App.translate`. The app shows its device id, and lets nobody set it."""
    message = _parse(sent.body)
    if isinstance(message, Unusable):
        return message
    return _translate(message, received_at_ms) if message.deviceId == owner else FOREIGN_DEVICE


APP: Final = App(SOURCE, TITLE, translate, shows_texts=True, unknown_token_status=SHOWN_ON_PHONE)


def _parse(body: bytes) -> _Message | Unusable:
    if reject := check_bytes(body):
        return malformed(TITLE, reject)
    try:
        message = _decode(body)
    except _FAILURES as error:
        reject = explain(error, body)
        if reject.code is RejectCode.RANGE and reject.fields == ("payload",):
            return Unusable(413, reject.code, f"More than {ITEMS_MAX} items in one message: shorten the batch period.")
        return malformed(TITLE, reject)
    # Other sensors have coordinates, too, or one is given twice: only a second, slower reading can tell.
    reject = (None if _is_usual(body, message) else check_structure(body)) or check_device_id(message.deviceId)
    reject = reject or check_session_id(message.sessionId)
    return message if reject is None else malformed(TITLE, reject)


def _translate(message: _Message, received_at_ms: int) -> Translation:
    if message.payload and message.payload[0].name == "test":
        return NoPosition(f"Geovelocity hears this phone. Its device id is {message.deviceId}. Start a recording now.")
    items = [item for item in message.payload if item.name == "location"]
    read = [_fix(item) for item in items if item.values]
    for fix in read:
        if isinstance(fix, Reject):
            return _no_fix(fix)
    fixes = tuple(fix for fix in read if isinstance(fix, Fix))
    if not fixes:
        return NoPosition("No positions in this message: switch on the Location sensor.")
    if refused := _wrong_clock(fixes, received_at_ms):
        return refused
    push = Push(
        device_id=message.deviceId,
        session_id=message.sessionId,
        message_id=message.messageId,
        source=SOURCE,
        received_at_ms=received_at_ms,
        fixes=fixes,
    )
    return Fixes(push, skipped=len(message.payload) - len(fixes))


def _is_usual(body: bytes, message: _Message) -> bool:
    """Each item has one time, each location one latitude and one longitude, and no key is written with escapes."""
    locations = sum(item.name == "location" for item in message.payload)
    once = body.count(b'"latitude"') == locations == body.count(b'"longitude"')
    return once and body.count(b'"time"') == len(message.payload) and b"\\" not in body


def _fix(item: _Item) -> Fix | Reject:
    at_ms = _at_ms(item.time)
    if isinstance(at_ms, Reject):
        return at_ms
    try:
        values = _decode_values(item.values)
    except _FAILURES as error:
        return explain(error, bytes(item.values))
    return Fix(
        at_ms=at_ms,
        latitude=values.latitude,
        longitude=values.longitude,
        altitude_m=values.altitude,
        speed_mps=optional(values.speed),
        speed_accuracy_mps=optional(values.speedAccuracy),
        bearing_deg=optional(values.bearing),
        bearing_accuracy_deg=optional(values.bearingAccuracy),
        horizontal_accuracy_m=optional(values.horizontalAccuracy),
        vertical_accuracy_m=optional(values.verticalAccuracy),
        mock=values.isMock,
    )


def _at_ms(raw: msgspec.Raw) -> int | Reject:
    if not raw:
        return Reject(RejectCode.MISSING, ("time",))
    try:
        time_ns: Any = _decode_time(raw)
    except _FAILURES as error:
        return Reject(explain(error, bytes(raw)).code, ("time",))
    if not _FIRST_NS <= time_ns < _LAST_NS:
        unit_unclear = any(_FIRST_NS <= time_ns * factor < _LAST_NS for factor in (10**3, 10**6, 10**9))
        code = RejectCode.AMBIGUOUS_UNIT if unit_unclear else RejectCode.RANGE
        return Reject(RejectCode.TOO_OLD if not unit_unclear and time_ns < _FIRST_NS else code, ("time",))
    return int(time_ns) // 1_000_000


def _wrong_clock(fixes: tuple[Fix, ...], received_at_ms: int) -> Unusable | None:
    ahead_ms = max(fix.at_ms for fix in fixes) - received_at_ms
    return None if -BEHIND_MAX_MS <= ahead_ms <= AHEAD_MAX_MS else clock_is_wrong(ahead_ms)


def _no_fix(reject: Reject) -> Unusable:
    if reject.code is RejectCode.MISSING and reject.fields != ("time",):
        return Unusable(
            SHOWN_ON_PHONE,
            "cloaked",
            "This phone sends positions without coordinates. Switch off Coordinates Cloaking in Sensor Logger.",
        )
    return malformed(TITLE, reject)
