"""Paired phones: each app sends a fix with nothing but the settings of its setup."""

import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import aiohttp

from sensor_logger_bridge.apps.registry import APPS
from sensor_logger_bridge.apps.setup import AppSetup, PhoneSetup

LATITUDE, LONGITUDE, ACCURACY_M = 48.8584123, 2.2945678, 5.0


@dataclass(frozen=True, slots=True)
class Post:
    """One message of an app."""

    url: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    async def send(self, session: aiohttp.ClientSession) -> int:
        async with session.post(self.url, data=self.body, headers=self.headers) as answer:
            return answer.status


def setup_of(app: str, phone: PhoneSetup) -> AppSetup:
    """Return the setup of the app with this name."""
    return next(known for known in APPS if known.name == app).setup(phone)


def post_of(app: str, phone: PhoneSetup, at_ms: int) -> Post:
    """Return the message of a set-up app with one fix at this time."""
    setup = setup_of(app, phone)
    values = {value.name: value.value for value in setup.values}
    return _POSTS[app](setup, values, at_ms)


def _as_json(url: str, authorization: str | None, message: object) -> Post:
    headers = {"Content-Type": "application/json"} | ({"Authorization": authorization} if authorization else {})
    return Post(url, json.dumps(message).encode(), headers)


def _sensor_logger(_setup: AppSetup, values: dict[str, str], at_ms: int) -> Post:
    where = {"latitude": LATITUDE, "longitude": LONGITUDE, "horizontalAccuracy": ACCURACY_M}
    payload = [{"name": "location", "time": at_ms * 1_000_000, "values": where}]
    message = {"messageId": at_ms % 10_000, "sessionId": "s", "deviceId": "phone-1", "payload": payload}
    return _as_json(values["Push URL"], values["Auth Header"], message)


def _owntracks(_setup: AppSetup, values: dict[str, str], at_ms: int) -> Post:
    login = b64encode(f"{values['User ID']}:{values['Password']}".encode()).decode()
    message = {"_type": "location", "lat": LATITUDE, "lon": LONGITUDE, "acc": ACCURACY_M, "tst": at_ms // 1000}
    return _as_json(values["URL"], f"Basic {login}", message)


def _overland(_setup: AppSetup, values: dict[str, str], at_ms: int) -> Post:
    properties = {"timestamp": _iso(at_ms), "horizontal_accuracy": ACCURACY_M, "device_id": values["Device ID"]}
    geometry = {"type": "Point", "coordinates": [LONGITUDE, LATITUDE]}
    message = {"locations": [{"type": "Feature", "geometry": geometry, "properties": properties}]}
    return _as_json(values["Endpoint"], f"Bearer {values['Access token']}", message)


def _traccar(setup: AppSetup, _values: dict[str, str], at_ms: int) -> Post:
    """Use the scanned setup: the part before its query is the URL to post to."""
    scanned = urlsplit(setup.code)
    coords = {"latitude": LATITUDE, "longitude": LONGITUDE, "accuracy": ACCURACY_M}
    message = {
        "location": {"timestamp": _iso(at_ms), "coords": coords},
        "device_id": parse_qs(scanned.query)["id"][0],
    }
    return _as_json(f"{scanned.scheme}://{scanned.netloc}{scanned.path}", None, message)


def _gpslogger(_setup: AppSetup, values: dict[str, str], at_ms: int) -> Post:
    known = {"%LAT": LATITUDE, "%LON": LONGITUDE, "%ACC": ACCURACY_M, "%TIMESTAMP": at_ms // 1000}
    url = values["URL"]
    for placeholder in ("%TIMESTAMP", "%LAT", "%LON", "%ACC", "%ALT", "%SPD", "%DIR"):
        url = url.replace(placeholder, str(known.get(placeholder, 0.0)))
    name, _, value = values["HTTP headers"].partition(": ")
    return Post(url, headers={name: value})


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_POSTS = {
    "sensor-logger": _sensor_logger,
    "owntracks": _owntracks,
    "overland": _overland,
    "traccar": _traccar,
    "gpslogger": _gpslogger,
}
