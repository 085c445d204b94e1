"""Sensor Logger (github.com/tszheichoi/awesome-sensor-logger: PUSHING.md, UNITS.md; app 1.63), over HTTP and MQTT.

Times are epoch nanoseconds, speeds m/s; a negative value is invalid. The translator reads `location` items only. It
skips other sensors and `watchLocation`, whose altitude has another meaning.
"""

from base64 import b64encode
from typing import Annotated, Any, Final

import msgspec
from backports import zstd

from schemas.codes.reject import Reject, RejectCode
from schemas.json.identifier import DEVICE_ID, check_device_id, check_session_id
from schemas.json.strict_json import check_bytes, check_structure, explain
from schemas.json.timestamps import FIRST_US, LAST_US
from schemas.push import FIXES_MAX, Fix, Push
from sensor_logger_bridge.apps.app import JSON, App, Request
from sensor_logger_bridge.apps.clock_skew import AHEAD_MAX_MS, clock_is_wrong
from sensor_logger_bridge.apps.message_schemas import (
    LATITUDE,
    LONGITUDE,
    OPTIONAL_BOOLEAN,
    MessageSchemas,
    Schema,
    readings,
    ref,
)
from sensor_logger_bridge.apps.readings import optional
from sensor_logger_bridge.apps.setup import REPORT_INTERVAL_S, AppSetup, PhoneSetup, SetupValue
from sensor_logger_bridge.translation import (
    FOREIGN_DEVICE,
    SHOWN_ON_PHONE,
    Fixes,
    NoPosition,
    Translation,
    Unusable,
    malformed,
)

NAME: Final = "sensor-logger"
TITLE: Final = "Sensor Logger"
ITEMS_MAX: Final = FIXES_MAX
BEHIND_MAX_MS: Final = 3_600_000
"""Largest accepted age of a fix. The phone may send a cached fix first, some minutes old; an hour is a wrong clock."""

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


def translate(request: Request, owner: str, received_at_ms: int) -> Translation:
    """Translate a request as `App.translate` requires. The app shows its device id, but nobody can set it."""
    message = _parse(request.body)
    if isinstance(message, Unusable):
        return message
    return _translate(message, received_at_ms) if message.deviceId == owner else FOREIGN_DEVICE


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
    # Either another sensor has coordinates or a key is repeated. Only the second, slower parse can distinguish them.
    reject = (None if _is_usual(body, message) else check_structure(body)) or check_device_id(message.deviceId)
    reject = reject or check_session_id(message.sessionId)
    return message if reject is None else malformed(TITLE, reject)


def _translate(message: _Message, received_at_ms: int) -> Translation:
    if message.payload and message.payload[0].name == "test":
        return NoPosition(
            f"Geovelocity receives this phone's messages. Its device id is {message.deviceId}. Start a recording now."
        )
    items = [item for item in message.payload if item.name == "location"]
    read = [_fix(item) for item in items if item.values]
    for fix in read:
        if isinstance(fix, Reject):
            return _no_fix(fix)
    fixes = tuple(fix for fix in read if isinstance(fix, Fix))
    if not fixes:
        return NoPosition("No positions in this message: switch on the Location sensor.")
    if wrong_clock := _wrong_clock(fixes, received_at_ms):
        return wrong_clock
    push = Push(
        device_id=message.deviceId,
        session_id=message.sessionId,
        message_id=message.messageId,
        source=NAME,
        received_at_ms=received_at_ms,
        fixes=fixes,
    )
    return Fixes(push, skipped=len(message.payload) - len(fixes))


def _is_usual(body: bytes, message: _Message) -> bool:
    """Return True if no key can be repeated in an item's time and coordinates, so that one parse is enough.

    That holds when each item has one time, each location one latitude and one longitude, and nothing is escaped.
    """
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


def setup(phone: PhoneSetup) -> AppSetup:
    """Return a `sensorlogger://config/` link: base64 of zstd of JSON.

    The app's documents name the scheme. The fields come from two samples and were not tried on a current phone.
    """
    url, header = f"{phone.base_url}/{NAME}", f"Bearer {phone.token}"
    config = {
        "sensorState": {"Location": {"enabled": True, "speed": 1000 * REPORT_INTERVAL_S}},
        "http": {"enabled": True, "url": url, "batchPeriod": 1000 * REPORT_INTERVAL_S, "authToken": header},
        "additionalLocation": False,
        "fileFormat": ".json",
    }
    return AppSetup(
        systems="iPhone, Android",
        where="Settings, Data Streaming, HTTP Push",
        values=(SetupValue("Push URL", url), SetupValue("Auth Header", header)),
        link=f"sensorlogger://config/{b64encode(zstd.compress(msgspec.json.encode(config))).decode()}",
        note="This link replaces all settings of the app. It was derived from samples and never tried on a phone. If "
        "the app rejects it, enter the values by hand. The app chooses its own device id and shows it in its settings. "
        f"If that id is not {phone.device_id}, pair the phone again with that id.",
    )


def _schemas() -> dict[str, Schema]:
    """Describe a message, its items and a position. The bridge skips items with any other name."""
    time = {
        "type": "number",
        "minimum": _FIRST_NS,
        "exclusiveMaximum": _LAST_NS,
        "description": "epoch nanoseconds",
    }
    names = "altitude speed speedAccuracy bearing bearingAccuracy horizontalAccuracy verticalAccuracy"
    message = {
        "deviceId": {"type": "string", "pattern": DEVICE_ID, "description": "the token's device"},
        "sessionId": {"type": ["string", "null"], "pattern": DEVICE_ID},
        "messageId": {"type": ["integer", "null"], "minimum": 0, "maximum": 2**53},
        "payload": {"type": "array", "maxItems": ITEMS_MAX, "items": ref("SensorLoggerItem")},
    }
    item = {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "if": {"properties": {"name": {"const": "location"}}, "required": ["name"]},
        "then": {"properties": {"time": time, "values": ref("SensorLoggerPosition")}, "required": ["time"]},
    }
    position = {"latitude": LATITUDE, "longitude": LONGITUDE, **readings(names.split()), "isMock": OPTIONAL_BOOLEAN}
    return {
        "SensorLogger": {"type": "object", "required": ["deviceId", "payload"], "properties": message},
        "SensorLoggerItem": item,
        "SensorLoggerPosition": {"type": "object", "required": ["latitude", "longitude"], "properties": position},
    }


APP: Final = App(
    name=NAME,
    title=TITLE,
    translate=translate,
    openapi=MessageSchemas({JSON: ref("SensorLogger")}, named=_schemas()),
    setup=setup,
    shows_texts=True,
    unknown_token_status=SHOWN_ON_PHONE,
)
