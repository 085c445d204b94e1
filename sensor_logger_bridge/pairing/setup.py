"""Setup: what each app has to be told, as a link that it opens, and as values to enter by hand. Pure.

Links are as the apps document them; none of them was tried on a phone here.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec
from backports import zstd

from sensor_logger_bridge.apps import gpslogger, overland, owntracks, sensor_logger, traccar

REPORT_INTERVAL_S: Final = 1
"""How often a phone is asked to send where its app lets one say so; in time, the more fixes, the surer a verdict."""


@dataclass(frozen=True, slots=True)
class SetupValue:
    """One field of an app's settings, by the app's own name for it."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class AppSetup:
    """One app. `name`: its path at the bridge. `where`: in its menus.

    `link` opens the app with everything set; empty: it knows no such link. `code`: what its QR code says, where that is
    not the link; `scan`: with what to read it. `note`: what its holder should know before.
    """

    name: str
    title: str
    systems: str
    where: str
    values: tuple[SetupValue, ...]
    link: str = ""
    code: str = ""
    scan: str = "Scan this with the phone's camera."
    note: str = ""


@dataclass(frozen=True, slots=True)
class PhoneSetup:
    """A phone that is registered. `base`: the address of the bridge as this phone reaches it, without a slash."""

    base_url: str
    device_id: str
    token: str


def setups(phone: PhoneSetup) -> tuple[AppSetup, ...]:
    """For every app that the bridge understands."""
    return tuple(make(phone) for make in _MAKERS.values())


def setup_of(app: str, phone: PhoneSetup) -> AppSetup:
    return _MAKERS[app](phone)


def _sensor_logger(phone: PhoneSetup) -> AppSetup:
    """`sensorlogger://config/`, base64 of zstd of JSON: the app's documents name it, what is in it is from samples."""
    url, header = f"{phone.base_url}/sensor-logger", f"Bearer {phone.token}"
    config = {
        "sensorState": {"Location": {"enabled": True, "speed": 1000 * REPORT_INTERVAL_S}},
        "http": {"enabled": True, "url": url, "batchPeriod": 1000 * REPORT_INTERVAL_S, "authToken": header},
        "additionalLocation": False,
        "fileFormat": ".json",
    }
    return AppSetup(
        name=sensor_logger.SOURCE,
        title=sensor_logger.TITLE,
        systems="iPhone, Android",
        where="Settings, Data Streaming, HTTP Push",
        values=(SetupValue("Push URL", url), SetupValue("Auth Header", header)),
        link=f"sensorlogger://config/{base64.b64encode(zstd.compress(msgspec.json.encode(config))).decode()}",
        note="This replaces all settings of the app. It was worked out from samples and never tried on a phone: if the "
        "app refuses it, enter the values. The app chooses its device id itself and shows it in its settings; pair "
        f"under that id, if it is not {phone.device_id}.",
    )


def _owntracks(phone: PhoneSetup) -> AppSetup:
    """`owntracks:///config?inline=`, base64 of a configuration: owntracks.org/booklet/features/remoteconfig."""
    url = f"{phone.base_url}/owntracks"
    config = {
        "_type": "configuration",
        "mode": 3,  # HTTP
        "url": url,
        "auth": True,
        "username": phone.device_id,
        "password": phone.token,
        "deviceId": phone.device_id,
        "tid": phone.device_id[-2:],
        "monitoring": 2,  # move: otherwise it sends once in a quarter of an hour
        "locatorInterval": 10,
        "moveModeLocatorInterval": 10,
        "extendedData": True,  # altitude and speed
    }
    # In a query a plus would be read as a space.
    inline = quote(base64.b64encode(msgspec.json.encode(config)), safe="")
    return AppSetup(
        name=owntracks.SOURCE,
        title=owntracks.TITLE,
        systems="iPhone, Android",
        where="Settings (iPhone) or Preferences, Connection (Android), mode HTTP",
        values=(SetupValue("URL", url), SetupValue("User ID", phone.device_id), SetupValue("Password", phone.token)),
        link=f"owntracks:///config?inline={inline}",
        note="This switches the app to HTTP and to its move mode, which sends often and needs more of the battery.",
    )


def _overland(phone: PhoneSetup) -> AppSetup:
    """`overland://setup`: the app's README, Configuration by Custom URL."""
    url = f"{phone.base_url}/overland"
    query = urlencode({"url": url, "token": phone.token, "device_id": phone.device_id}, quote_via=quote)
    return AppSetup(
        name=overland.SOURCE,
        title=overland.TITLE,
        systems="iPhone",
        where="Settings, Receiver Endpoint",
        values=(
            SetupValue("Endpoint", url),
            SetupValue("Access token", phone.token),
            SetupValue("Device ID", phone.device_id),
        ),
        link=f"overland://setup?{query}",
        note="Then switch tracking on, and move the slider for sending to one second.",
    )


def _traccar(phone: PhoneSetup) -> AppSetup:
    """Its own scheme for a link, a plain URL for its scanner: traccar-client's `configuration_service.dart`.

    The app sends no header of one's choice, so that the token stands in the path.
    """
    url = f"{phone.base_url}/traccar/{phone.token}"
    config: dict[str, Any] = {
        "id": phone.device_id,
        "accuracy": "highest",
        "distance": 0,
        "interval": REPORT_INTERVAL_S,
        "fastest_interval": REPORT_INTERVAL_S,
        "buffer": "true",
    }
    return AppSetup(
        name=traccar.SOURCE,
        title=traccar.TITLE,
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
        scan="Scan this with the scanner in the app's own settings; the camera would only open the address.",
        note="It sends every second while the phone moves, and rests with it.",
    )


def _gpslogger(phone: PhoneSetup) -> AppSetup:
    """A custom URL with the app's placeholders. Its only link loads a file, whose address would have to be a secret."""
    return AppSetup(
        name=gpslogger.SOURCE,
        title=gpslogger.TITLE,
        systems="Android",
        where="Logging details, Log to custom URL",
        values=(
            SetupValue("URL", f"{phone.base_url}/gpslogger?{gpslogger.TEMPLATE}"),
            SetupValue("HTTP method", "POST"),
            SetupValue("HTTP headers", f"Authorization: Bearer {phone.token}"),
        ),
        note="Then set the logging interval to one second and start logging.",
    )


_MAKERS: Final[dict[str, Callable[[PhoneSetup], AppSetup]]] = {
    sensor_logger.SOURCE: _sensor_logger,
    owntracks.SOURCE: _owntracks,
    overland.SOURCE: _overland,
    traccar.SOURCE: _traccar,
    gpslogger.SOURCE: _gpslogger,
}
APPS: Final = tuple(_MAKERS)
